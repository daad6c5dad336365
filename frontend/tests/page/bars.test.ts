// @vitest-environment happy-dom
import { flushPromises } from "@vue/test-utils";
import { effectScope, nextTick, ref, type EffectScope } from "vue";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Resolution } from "@/plugins/datafeed";
import { useBars } from "@/composables/useBars";
import { ApiError, datafeed as api, unreachable } from "./doubles/apiAdapter";
import { datafeed as streams } from "./doubles/wsAdapter";
import { bar, pending, resetDoubles } from "./samples";

vi.mock("@/plugins/apiAdapter", () => import("./doubles/apiAdapter"));
vi.mock("@/plugins/wsAdapter", () => import("./doubles/wsAdapter"));

const DAY = 86_400_000;
let scope: EffectScope;

function start(symbol = ref("AAPL"), resolution = ref<Resolution>(Resolution.DAY)) {
  return scope.run(() => useBars(symbol, resolution)) as ReturnType<typeof useBars>;
}

function answer(...times: number[]) {
  return { data: { bars: times.map((time) => bar(time)), noData: times.length === 0 } };
}

const times = (chart: ReturnType<typeof start>) => chart.bars.value.map(({ time }) => time / DAY);
const asked = (call: number) => api.getBars.mock.calls[call]?.[0];

beforeEach(() => {
  resetDoubles();
  scope = effectScope();
});
afterEach(() => scope.stop());

describe("the bars of a chart", () => {
  it("are asked for in seconds, and followed live", async () => {
    api.getBars.mockResolvedValue(answer(DAY, 2 * DAY));
    const chart = start();
    await flushPromises();
    expect(times(chart)).toEqual([1, 2]);
    const { toTime, fromTime, countBack } = asked(0);
    expect(toTime).toBeGreaterThan(Date.now() / 1000);
    expect(toTime).toBeLessThan(Date.now() / 1000 + 2 * 86_400);
    expect(fromTime).toBe(toTime - countBack * 86_400);
    expect(streams.requests("bars")).toEqual([{ symbol: "AAPL", resolution: "1D" }]);
    streams.push("bars", bar(2 * DAY, 11));
    streams.push("bars", bar(3 * DAY));
    expect(times(chart)).toEqual([1, 2, 3]);
    expect(chart.bars.value[1]?.close).toBe(11);
  });

  it("lose nothing that is pushed while they are read", async () => {
    const read = pending();
    api.getBars.mockReturnValue(read.promise);
    const chart = start();
    await flushPromises();
    streams.push("bars", bar(3 * DAY));
    read.answer(answer(DAY, 2 * DAY));
    await flushPromises();
    expect(times(chart)).toEqual([1, 2, 3]);
  });

  it("are read once when the stream begins meanwhile, and again only if a bar may be out of date", async () => {
    const read = pending();
    api.getBars.mockReturnValueOnce(read.promise);
    const chart = start();
    await flushPromises();
    streams.open();
    read.answer(answer(DAY, 2 * DAY));
    await flushPromises();
    streams.push("bars", bar(2 * DAY, 11));
    streams.push("bars", bar(3 * DAY));
    await flushPromises();
    expect(api.getBars).toHaveBeenCalledTimes(1);
    expect(times(chart)).toEqual([1, 2, 3]);
  });

  it("are read again if the stream goes on after the last bar that was read", async () => {
    const read = pending();
    api.getBars.mockReturnValueOnce(read.promise);
    const chart = start();
    await flushPromises();
    streams.open();
    streams.push("bars", bar(3 * DAY));
    api.getBars.mockResolvedValue({ data: { bars: [bar(DAY), bar(2 * DAY, 11), bar(3 * DAY)], noData: false } });
    read.answer(answer(DAY, 2 * DAY));
    await flushPromises();
    expect(api.getBars).toHaveBeenCalledTimes(2);
    expect(chart.bars.value[1]?.close).toBe(11);
    expect(times(chart)).toEqual([1, 2, 3]);
  });

  it("are read again if the first read failed before the stream began", async () => {
    let refuse: (error: Error) => void = () => undefined;
    api.getBars.mockReturnValueOnce(new Promise((_, reject) => (refuse = reject)));
    api.getBars.mockResolvedValue(answer(DAY));
    const chart = start();
    await flushPromises();
    streams.open();
    refuse(unreachable());
    await flushPromises();
    expect(times(chart)).toEqual([1]);
    expect(chart.problem.value).toBeUndefined();
  });

  it("continue before a gap, where the datafeed says", async () => {
    api.getBars.mockResolvedValueOnce({ data: { bars: [], noData: true, nextTime: 5 * DAY } });
    api.getBars.mockResolvedValueOnce(answer(4 * DAY, 5 * DAY));
    const chart = start();
    await flushPromises();
    expect(asked(1).toTime).toBe((5 * DAY) / 1000 + 1);
    expect(times(chart)).toEqual([4, 5]);
  });

  it("are read again after an outage, and go on where a new replay is", async () => {
    api.getBars.mockResolvedValue(answer(DAY, 2 * DAY, 3 * DAY));
    const chart = start();
    await flushPromises();
    streams.become("waiting");
    expect(times(chart)).toEqual([1, 2, 3]);
    api.getBars.mockResolvedValue(answer(2 * DAY));
    streams.open();
    await flushPromises();
    expect(times(chart)).toEqual([1, 2]);
    streams.push("bars", bar(3 * DAY, 12));
    expect(chart.bars.value.at(-1)?.close).toBe(12);
  });

  it("tell why they cannot be shown, and try again when asked", async () => {
    api.getBars.mockRejectedValueOnce(unreachable());
    const chart = start();
    await flushPromises();
    expect(chart.problem.value?.message).toBe("No answer.");
    api.getBars.mockResolvedValue(answer(DAY));
    await chart.retry();
    expect(chart.problem.value).toBeUndefined();
    expect(times(chart)).toEqual([1]);
  });
});

it("bars that are not followed any more stay a problem until they are, which is tried again when asked", async () => {
  api.getBars.mockResolvedValue(answer(DAY));
  const chart = start();
  streams.open();
  await flushPromises();
  streams.subscriptions[0]?.handlers.error?.(new ApiError({ status: 422, title: "Refused", detail: "no such stream" }));
  const [before] = streams.subscriptions;
  await chart.retry();
  expect(chart.problem.value?.message).toBe("no such stream");
  expect(streams.subscriptions).toHaveLength(1);
  expect(streams.subscriptions[0]).not.toBe(before);
  streams.open();
  expect(chart.problem.value).toBeUndefined();
});

describe("older bars", () => {
  it("come before the oldest one, until there are none", async () => {
    api.getBars.mockResolvedValueOnce(answer(3 * DAY, 4 * DAY));
    const chart = start();
    await flushPromises();
    api.getBars.mockResolvedValueOnce(answer(DAY, 2 * DAY));
    await Promise.all([chart.loadOlder(), chart.loadOlder()]);
    expect(asked(1).toTime).toBe((3 * DAY) / 1000);
    expect(times(chart)).toEqual([1, 2, 3, 4]);
    api.getBars.mockResolvedValueOnce(answer());
    await chart.loadOlder();
    await chart.loadOlder();
    expect(api.getBars).toHaveBeenCalledTimes(3);
  });

  it("can be asked for again after a failure", async () => {
    api.getBars.mockResolvedValueOnce(answer(3 * DAY));
    const chart = start();
    await flushPromises();
    api.getBars.mockRejectedValueOnce(unreachable());
    await chart.loadOlder();
    expect(chart.problem.value?.message).toBe("No answer.");
    api.getBars.mockResolvedValueOnce(answer(2 * DAY));
    await chart.loadOlder();
    expect(times(chart)).toEqual([2, 3]);
    expect(chart.problem.value).toBeUndefined();
  });
});

describe("another symbol", () => {
  it("takes the place of the first one, whose late answers do not count", async () => {
    const late = pending();
    api.getBars.mockReturnValueOnce(late.promise);
    const symbol = ref("AAPL");
    const chart = start(symbol);
    await flushPromises();
    api.getBars.mockResolvedValueOnce(answer(7 * DAY));
    symbol.value = "A/B";
    await nextTick();
    late.answer(answer(DAY));
    await flushPromises();
    expect(times(chart)).toEqual([7]);
    expect(streams.requests("bars")).toEqual([{ symbol: "A/B", resolution: "1D" }]);
  });

  it("ends with the chart", async () => {
    api.getBars.mockResolvedValue(answer(DAY));
    start();
    await flushPromises();
    scope.stop();
    expect(streams.subscriptions).toEqual([]);
  });
});
