// @vitest-environment happy-dom
import { enableAutoUnmount, mount } from "@vue/test-utils";
import { nextTick } from "vue";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import ServiceStates from "@/components/ServiceStates.vue";
import { ask } from "@/composables/useServices";
import { ApiError, ClientNotLoaded, unreachable } from "./doubles/apiAdapter";
import { broker, datafeed } from "./doubles/wsAdapter";
import { resetDoubles } from "./samples";

vi.mock("@/plugins/apiAdapter", () => import("./doubles/apiAdapter"));
vi.mock("@/plugins/wsAdapter", () => import("./doubles/wsAdapter"));

function show() {
  const wrapper = mount(ServiceStates);
  return async () => {
    await nextTick();
    return wrapper.get("[role=status]").text();
  };
}

const fails = (name: "broker" | "datafeed", error: ApiError) =>
  ask(name, () => Promise.reject(error)).catch(() => undefined);

enableAutoUnmount(afterEach);
beforeEach(resetDoubles);

describe("the state of a service", () => {
  it("is that of its socket", async () => {
    const text = show();
    expect(await text()).toBe("");
    datafeed.become("connecting");
    expect(await text()).toBe("Datafeed connecting");
    datafeed.become("open");
    expect(await text()).toBe("Datafeed up");
    broker.become("open");
    datafeed.become("waiting");
    expect(await text()).toMatch(/Datafeed down\s*Broker up/);
  });

  it("stays down while a new attempt is under way", async () => {
    const text = show();
    datafeed.become("waiting");
    datafeed.become("connecting");
    expect(await text()).toBe("Datafeed down");
    datafeed.become("open");
    expect(await text()).toBe("Datafeed up");
  });

  it("is down if requests get no answer, until one does", async () => {
    const text = show();
    await fails("broker", unreachable());
    expect(await text()).toBe("Broker down");
    await ask("broker", () => Promise.resolve(1));
    expect(await text()).toBe("Broker up");
    await fails("broker", new ApiError({ status: 502, title: "Bad Gateway" }));
    expect(await text()).toBe("Broker down");
  });

  it("is not known from a client that could not be loaded", async () => {
    const text = show();
    await ask("broker", () => Promise.resolve(1));
    await fails("broker", new ClientNotLoaded(new Error("404")));
    expect(await text()).toBe("Broker up");
  });

  it("is up if it refuses a request, or says that another service is down", async () => {
    const text = show();
    for (const status of [404, 422, 503]) {
      await fails("broker", new ApiError({ status, title: "No" }));
      expect(await text()).toBe("Broker up");
    }
  });
});
