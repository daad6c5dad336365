// @vitest-environment happy-dom
import { enableAutoUnmount, mount } from "@vue/test-utils";
import { nextTick } from "vue";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import ServiceStates from "@/components/ServiceStates.vue";
import { callBroker, release, track } from "@/composables/useServices";
import { ApiError, broker as api, ClientNotLoaded, unreachable } from "./doubles/apiAdapter";
import { broker, datafeed } from "./doubles/wsAdapter";
import { resetDoubles } from "./samples";

vi.mock("@/plugins/apiAdapter", () => import("./doubles/apiAdapter"));
vi.mock("@/plugins/wsAdapter", () => import("./doubles/wsAdapter"));

/** Show the states; returns a function that reads them. */
function show(): () => Promise<string> {
  const wrapper = mount(ServiceStates);
  return async () => {
    await nextTick();
    return wrapper.get("[role=status]").text();
  };
}

async function call(): Promise<void> {
  await callBroker((operations) => operations.getAccount()).catch(() => undefined);
}

enableAutoUnmount(afterEach);
beforeEach(() => {
  resetDoubles();
  track("broker", broker);
  track("datafeed", datafeed);
  release("broker");
  release("datafeed");
});

describe("the state of a service", () => {
  it("follows its socket", async () => {
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

  it("stays down until a new attempt has succeeded", async () => {
    const text = show();
    datafeed.become("waiting");
    datafeed.become("connecting");
    expect(await text()).toBe("Datafeed down");
    datafeed.become("open");
    expect(await text()).toBe("Datafeed up");
  });

  it("is down from a request without a response until one has a response", async () => {
    const text = show();
    api.getAccount.mockRejectedValueOnce(unreachable());
    await call();
    expect(await text()).toBe("Broker down");
    await call();
    expect(await text()).toBe("Broker up");
  });

  it.each([502, 504])("is down if a gateway responds with %i", async (status) => {
    const text = show();
    api.getAccount.mockRejectedValueOnce(new ApiError({ status, title: "Gateway" }));
    await call();
    expect(await text()).toBe("Broker down");
  });

  it.each([404, 422, 503])("is up if the service responds with %i", async (status) => {
    const text = show();
    api.getAccount.mockRejectedValueOnce(new ApiError({ status, title: "No" }));
    await call();
    expect(await text()).toBe("Broker up");
  });

  it("does not change if the client could not be loaded", async () => {
    const text = show();
    await call();
    api.getAccount.mockRejectedValueOnce(new ClientNotLoaded(new Error("404")));
    await call();
    expect(await text()).toBe("Broker up");
  });
});
