import { expect, it } from "vitest";
import { Stack } from "./stack";

it("stops every process, even if a module was killed and run-multi is suspended", async () => {
  const stack = await Stack.start("run-multi", {});
  stack.kill("datafeed");
  expect(await stack.interrupt()).toEqual([]);
});
