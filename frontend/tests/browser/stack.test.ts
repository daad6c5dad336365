/** What starts and ends the services of the other tests here must not leave any of them behind. */
import { expect, it } from "vitest";
import { Stack } from "./stack";

it("ends a set that a failed test has left stopped", async () => {
  const stack = await Stack.start("run-multi", {});
  stack.kill("datafeed");
  expect(await stack.interrupt()).toEqual([]);
});
