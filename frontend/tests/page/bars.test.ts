// @vitest-environment happy-dom
import { flushPromises } from "@vue/test-utils";
import { effectScope, nextTick, ref, type EffectScope } from "vue";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Resolution } from "@/plugins/datafeed";
import { useBars } from "@/composables/useBars";
import type { KnownResolution } from "@/lib/bars";
import { ApiError, datafeed as api, unreachable } from "./doubles/apiAdapter";
import { datafeed as streams } from "./doubles/wsAdapter";
import { bar, pending, resetDoubles } from "./samples";

vi.mock("@/plugins/apiAdapter", () => import("./doubles/apiAdapter"));
vi.mock("@/plugins/wsAdapter", () => import("./doubles/wsAdapter"));

const DAY = 86_400_000;
let scope: EffectScope;

/** Follow the bars, and wait until the stream is subscribed and the bars are read. */
async function start(symbol = ref("AAPL")) {
  const chart = scope.run(() => useBars(symbol, ref<KnownResolution>(Resolution.DAY))) as ReturnType<typeof useBars>;
  await reconnect();
  return chart;
}

async function reconnect(): Promise<void> {
  streams.open();
  await flushPromises();
}

function response(...times: number[]) {
  return { data: { bars: times.map((time) => bar(time)), noData: times.length === 0 } };
}

const times = (chart: Awaited<ReturnType<typeof start>>) => chart.bars.value.map(({ time }) => time / DAY);
const request = (call: number) => api.getBars.mock.calls[call]?.[0];

beforeEach(() => {
  vi.useFakeTimers();
  resetDoubles();
  scope = effectScope();
});
afterEach(() => {
  scope.stop();
  vi.useRealTimers();
});

describe("the bars of a chart", () => {
  it("are requested in seconds, and followed live", async () => {
    api.getBars.mockResolvedValue(response(DAY, 2 * DAY));
    const chart = await start();
    expect(times(chart)).toEqual([1, 2]);
    const { toTime, fromTime, countBack } = request(0);
    expect(new Date(toTime * 1000).getUTCFullYear()).toBe(9999);
    expect(fromTime).toBe(toTime - countBack * 86_400);
    expect(streams.requests("bars")).toEqual([{ symbol: "AAPL", resolution: "1D" }]);
    streams.push("bars", bar(2 * DAY, 11));
    streams.push("bars", bar(3 * DAY));
    expect(times(chart)).toEqual([1, 2, 3]);
    expect(chart.bars.value[1]?.close).toBe(11);
  });

  it("include the updates that arrive while they are read", async () => {
    const read = pending();
    api.getBars.mockReturnValue(read.promise);
    const chart = await start();
    streams.push("bars", bar(3 * DAY));
    read.resolve(response(DAY, 2 * DAY));
    await flushPromises();
    expect(times(chart)).toEqual([1, 2, 3]);
  });

  it("are read once, when the stream is subscribed", async () => {
    api.getBars.mockResolvedValue(response(DAY));
    const chart = await start();
    expect(chart.loading.value).toBe(false);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(api.getBars).toHaveBeenCalledTimes(1);
  });

  it("are read without the stream if it is not subscribed soon", async () => {
    api.getBars.mockResolvedValue(response(DAY));
    const chart = scope.run(() => useBars(ref("AAPL"), ref<KnownResolution>(Resolution.DAY))) as ReturnType<typeof useBars>;
    expect(chart.loading.value).toBe(true);
    await vi.advanceTimersByTimeAsync(500);
    expect(times(chart)).toEqual([1]);
  });

  it("are read before a gap if the requested range has none", async () => {
    api.getBars.mockResolvedValueOnce({ data: { bars: [], noData: true, nextTime: 5 * DAY } });
    api.getBars.mockResolvedValueOnce(response(4 * DAY, 5 * DAY));
    const chart = await start();
    expect(request(1).toTime).toBe((5 * DAY) / 1000 + 1);
    expect(times(chart)).toEqual([4, 5]);
  });

  it("are read again after an outage, and continue where a restarted replay is", async () => {
    api.getBars.mockResolvedValue(response(DAY, 2 * DAY, 3 * DAY));
    const chart = await start();
    streams.become("waiting");
    expect(times(chart)).toEqual([1, 2, 3]);
    api.getBars.mockResolvedValue(response(2 * DAY));
    await reconnect();
    expect(times(chart)).toEqual([1, 2]);
    streams.push("bars", bar(3 * DAY, 12));
    expect(chart.bars.value.at(-1)?.close).toBe(12);
  });

  it("have a problem after a failed read, until a retry succeeds", async () => {
    api.getBars.mockRejectedValueOnce(unreachable());
    const chart = await start();
    expect(chart.problem.value?.message).toBe("The service cannot be reached.");
    api.getBars.mockResolvedValue(response(DAY));
    await chart.retry();
    expect(chart.problem.value).toBeUndefined();
    expect(times(chart)).toEqual([1]);
  });
});

it("bars whose stream has failed have a problem until a retry subscribes again", async () => {
  api.getBars.mockResolvedValue(response(DAY));
  const chart = await start();
  streams.subscriptions[0]?.handlers.error?.(new ApiError({ status: 422, title: "Invalid", detail: "There is no such stream." }));
  const [before] = streams.subscriptions;
  await chart.retry();
  expect(chart.problem.value?.message).toBe("There is no such stream.");
  expect(streams.subscriptions).toHaveLength(1);
  expect(streams.subscriptions[0]).not.toBe(before);
  streams.open();
  expect(chart.problem.value).toBeUndefined();
});

describe("older bars", () => {
  it("are loaded before the oldest one until there are none", async () => {
    api.getBars.mockResolvedValueOnce(response(3 * DAY, 4 * DAY));
    const chart = await start();
    api.getBars.mockResolvedValueOnce(response(DAY, 2 * DAY));
    await Promise.all([chart.loadOlder(), chart.loadOlder()]);
    expect(request(1).toTime).toBe((3 * DAY) / 1000);
    expect(times(chart)).toEqual([1, 2, 3, 4]);
    api.getBars.mockResolvedValueOnce(response());
    await chart.loadOlder();
    await chart.loadOlder();
    expect(api.getBars).toHaveBeenCalledTimes(3);
  });

  it("can be loaded after a failure", async () => {
    api.getBars.mockResolvedValueOnce(response(3 * DAY));
    const chart = await start();
    api.getBars.mockRejectedValueOnce(unreachable());
    await chart.loadOlder();
    expect(chart.problem.value?.message).toBe("The service cannot be reached.");
    api.getBars.mockResolvedValueOnce(response(2 * DAY));
    await chart.loadOlder();
    expect(times(chart)).toEqual([2, 3]);
    expect(chart.problem.value).toBeUndefined();
  });
});

describe("another symbol", () => {
  it("replaces the first one, whose late responses are ignored", async () => {
    const late = pending();
    api.getBars.mockReturnValueOnce(late.promise);
    const symbol = ref("AAPL");
    const chart = await start(symbol);
    api.getBars.mockResolvedValueOnce(response(7 * DAY));
    symbol.value = "A/B";
    await nextTick();
    await reconnect();
    late.resolve(response(DAY));
    await flushPromises();
    expect(times(chart)).toEqual([7]);
    expect(streams.requests("bars")).toEqual([{ symbol: "A/B", resolution: "1D" }]);
  });

  it("is not followed any more when the chart is closed", async () => {
    api.getBars.mockResolvedValue(response(DAY));
    await start();
    scope.stop();
    expect(streams.subscriptions).toEqual([]);
  });
});
