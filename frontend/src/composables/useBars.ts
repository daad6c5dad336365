import { onScopeDispose, ref, watch, type Ref } from "vue";
import { isCancelled } from "@/plugins/apiAdapter";
import type { Bar } from "@/plugins/datafeed";
import { datafeedStreams } from "@/plugins/wsAdapter";
import { mergeFresh, PERIODS, withBar, type KnownResolution } from "@/lib/bars";
import { apiError } from "@/lib/problems";
import { callDatafeed, track } from "./useServices";
import { useSnapshot } from "./useSnapshot";

const PAGE = 500;
// The market of a replay has a time of its own; no bar starts after this one, in the year 9999.
const LATEST_SECOND = 253_402_300_799;
// If the stream is not subscribed after this time, the bars are read without it.
const STREAM_MS = 500;

/**
 * The bars of a symbol, oldest first: the newest ones at once, older ones with `loadOlder`, and live ones
 * as they form. After an outage of the datafeed the newest ones are read again.
 */
export function useBars(symbol: Readonly<Ref<string>>, resolution: Readonly<Ref<KnownResolution>>) {
  const loadingOlder = ref(false);
  const complete = ref(false);
  const newest = useSnapshot<readonly Bar[], Bar>({
    initial: [],
    read: async (signal): Promise<readonly Bar[]> =>
      mergeFresh(newest.state.value, await barsBefore(symbol.value, resolution.value, LATEST_SECOND, signal)),
    apply: withBar,
  });
  const bars = newest.state;
  let older = new AbortController();
  let unsubscribe: () => void = () => undefined;
  let firstRead: ReturnType<typeof setTimeout> | undefined;

  /** Load the bars before the oldest one, if there are any. */
  async function loadOlder(): Promise<void> {
    const oldest = bars.value[0];
    if (!oldest || loadingOlder.value || complete.value) return;
    const { signal } = (older = new AbortController());
    loadingOlder.value = true;
    try {
      const found = await barsBefore(symbol.value, resolution.value, seconds(oldest.time), signal);
      if (signal.aborted || bars.value[0]?.time !== oldest.time) return;
      newest.readProblem.value = undefined;
      complete.value = found.length === 0;
      bars.value = [...found, ...bars.value];
    } catch (error) {
      if (signal.aborted || isCancelled(error)) return;
      newest.readProblem.value = apiError(error);
    } finally {
      if (!signal.aborted) loadingOlder.value = false;
    }
  }

  function start(): void {
    stop();
    newest.reset();
    loadingOlder.value = complete.value = false;
    newest.loading.value = true;
    firstRead = setTimeout(newest.refresh, STREAM_MS);
    subscribe();
  }

  function stop(): void {
    clearTimeout(firstRead);
    older.abort();
    unsubscribe();
  }

  function subscribe(): void {
    unsubscribe();
    const request = { symbol: symbol.value, resolution: resolution.value };
    unsubscribe = track("datafeed", datafeedStreams()).subscribe("bars", request, { ...newest.stream, subscribed });
  }

  /** Read the bars only now, so that no change of a bar is missed between the read and the subscription. */
  function subscribed(): void {
    clearTimeout(firstRead);
    newest.stream.subscribed();
  }

  watch([symbol, resolution], start, { immediate: true });
  onScopeDispose(stop);
  const { loading, problem } = newest;
  return { bars, loading, loadingOlder, problem, loadOlder, retry: () => newest.retry(subscribe) };
}

/** Return the newest bars that start before `end` (Unix seconds), at most a page of them. */
async function barsBefore(symbol: string, resolution: KnownResolution, end: number, signal: AbortSignal): Promise<readonly Bar[]> {
  const fromTime = end - PAGE * PERIODS[resolution].seconds;
  const request = { symbol, resolution, fromTime, toTime: end, countBack: PAGE };
  const { bars, noData, nextTime } = await callDatafeed((api) => api.getBars(request, { signal }));
  if (!noData || typeof nextTime !== "number") return bars;
  // There are none in this range, but before it: go on there. The end of a range is exclusive.
  const next = seconds(nextTime) + 1;
  return next < end ? barsBefore(symbol, resolution, next, signal) : [];
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
