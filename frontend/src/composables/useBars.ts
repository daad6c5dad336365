import { onScopeDispose, ref, watch, type Ref } from "vue";
import { datafeedApi, isCancelled } from "@/plugins/apiAdapter";
import type { Bar, Resolution } from "@/plugins/datafeed";
import { datafeedStreams } from "@/plugins/wsAdapter";
import { PERIOD_SECONDS, renewed, withBar } from "@/lib/bars";
import { apiError } from "@/lib/problems";
import { ask } from "./useServices";
import { useSnapshot } from "./useSnapshot";

const PAGE = 500;
// Clocks differ; a bar that starts in the future does not exist anyway.
const AHEAD_SECONDS = 86_400;

/** The first read of a symbol's bars, which is asked for together with their stream. */
interface Opening {
  reading: boolean;
  /** Whether the stream began during the read, and nothing has come of it yet. */
  joined: boolean;
}

/**
 * The bars of a symbol, oldest first: the newest ones at once, older ones with `loadOlder`, and the
 * live ones as they form. After an outage of the datafeed the newest ones are read again.
 */
export function useBars(symbol: Readonly<Ref<string>>, resolution: Readonly<Ref<Resolution>>) {
  const loadingOlder = ref(false);
  const complete = ref(false);
  const newest = useSnapshot<readonly Bar[], Bar>({
    initial: [],
    read: async (signal): Promise<readonly Bar[]> => {
      const before = Math.floor(Date.now() / 1000) + AHEAD_SECONDS;
      const fresh = await barsBefore(symbol.value, resolution.value, before, signal);
      return renewed(newest.state.value, fresh);
    },
    apply: (held, bar) => {
      if (opening.joined) compare(held, bar);
      return withBar(held, bar);
    },
  });
  const bars = newest.state;
  let older = new AbortController();
  let opening: Opening = { reading: false, joined: false };

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

  function begin(): void {
    older.abort();
    newest.reset();
    loadingOlder.value = complete.value = false;
    void readFirst();
    follow();
  }

  async function readFirst(): Promise<void> {
    const mine: Opening = { reading: true, joined: false };
    opening = mine;
    await newest.refresh();
    mine.reading = false;
    // It may have failed before the service was there, which it is now.
    if (mine === opening && mine.joined && !newest.known.value && !newest.loading.value) await newest.refresh();
  }

  /** The first read is not made twice, though it began before the stream. */
  function subscribed(): void {
    opening.joined = opening.reading;
    if (opening.reading) newest.streamProblem.value = undefined;
    else newest.stream.subscribed();
  }

  /** Read again if the last bar that was read may have changed and ended before the stream began. */
  function compare(held: readonly Bar[], live: Bar): void {
    opening.joined = false;
    const last = held.at(-1);
    if (last && last.time < live.time) void newest.refresh();
  }

  let end: () => void = () => undefined;
  function follow(): void {
    end();
    const request = { symbol: symbol.value, resolution: resolution.value };
    end = datafeedStreams().subscribe("bars", request, { ...newest.stream, update: newest.change, subscribed });
  }

  watch([symbol, resolution], begin, { immediate: true });
  onScopeDispose(() => {
    older.abort();
    end();
  });
  const { loading, problem } = newest;
  return { bars, loading, loadingOlder, problem, loadOlder, retry: () => newest.retry(follow) };
}

/** Return the newest bars that start before `end` (Unix seconds), at most a page of them. */
async function barsBefore(
  symbol: string,
  resolution: Resolution,
  end: number,
  signal: AbortSignal,
): Promise<readonly Bar[]> {
  const fromTime = end - PAGE * PERIOD_SECONDS[resolution];
  const request = { symbol, resolution, fromTime, toTime: end, countBack: PAGE };
  const { data } = await ask("datafeed", async () => (await datafeedApi()).getBars(request, { signal }));
  if (!data.noData || typeof data.nextTime !== "number") return data.bars;
  // Nothing in this range, but before it: continue there. The end of a range is exclusive.
  const next = seconds(data.nextTime) + 1;
  return next < end ? barsBefore(symbol, resolution, next, signal) : [];
}

function seconds(milliseconds: number): number {
  return Math.floor(milliseconds / 1000);
}
