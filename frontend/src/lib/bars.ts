import { Resolution, type Bar } from "@/plugins/datafeed";

interface Period {
  /** The length of a bar; for months, that of the longest. */
  seconds: number;
  name: string;
  /** The name on a button. */
  short: string;
}

const DAY_SECONDS = 86_400;

/** A resolution that the page knows; a newer datafeed may have others. */
export type KnownResolution = (typeof Resolution)[keyof typeof Resolution];

export const PERIODS: Readonly<Record<KnownResolution, Period>> = {
  [Resolution.MINUTE]: { seconds: 60, name: "1 minute", short: "1m" },
  [Resolution.MINUTE_5]: { seconds: 300, name: "5 minutes", short: "5m" },
  [Resolution.MINUTE_15]: { seconds: 900, name: "15 minutes", short: "15m" },
  [Resolution.HOUR]: { seconds: 3_600, name: "1 hour", short: "1h" },
  [Resolution.DAY]: { seconds: DAY_SECONDS, name: "1 day", short: "1D" },
  [Resolution.WEEK]: { seconds: 7 * DAY_SECONDS, name: "1 week", short: "1W" },
  [Resolution.MONTH]: { seconds: 31 * DAY_SECONDS, name: "1 month", short: "1M" },
};

export const RESOLUTIONS = Object.values(Resolution);

/** Return `text` as a resolution, or a day if it is not a valid one. */
export function toResolution(text: unknown): KnownResolution {
  return RESOLUTIONS.find((resolution) => resolution === text) ?? Resolution.DAY;
}

/** Return whether bars start within a day; those of a day or longer start at midnight UTC. */
export function isIntraday(resolution: KnownResolution): boolean {
  return PERIODS[resolution].seconds < DAY_SECONDS;
}

/** Return `bars` with a bar of the live stream, which replaces the one with its time or follows the last one. */
export function withBar(bars: readonly Bar[], bar: Bar): readonly Bar[] {
  let index = bars.length;
  while (index > 0 && (bars[index - 1] as Bar).time > bar.time) index -= 1;
  // A live bar is never older than the last one, unless it replaces one.
  if (bars[index - 1]?.time === bar.time) index -= 1;
  else if (index < bars.length) return bars;
  return [...bars.slice(0, index), bar, ...bars.slice(index + 1)];
}

/**
 * Return `held` with the newest bars, which were read again. Older ones are kept if no bar can be missing
 * in between. After a restart of the replay, `fresh` ends before `held` does.
 */
export function mergeFresh(held: readonly Bar[], fresh: readonly Bar[]): readonly Bar[] {
  const start = fresh[0]?.time;
  const end = held.at(-1)?.time;
  if (start === undefined || end === undefined || end < start) return fresh;
  return [...held.filter((bar) => bar.time < start), ...fresh];
}

/**
 * Return how many bars at the start of `before` a chart can keep if only the last bar has changed or bars
 * were added at the end; undefined if it has to draw all of `after`.
 */
export function unchangedBars(before: readonly Bar[], after: readonly Bar[]): number | undefined {
  const kept = before.length - 1;
  if (kept < 1 || after.length < before.length) return undefined;
  const same = before[0] === after[0] && before[kept - 1] === after[kept - 1];
  return same && before[kept]?.time === after[kept]?.time ? kept : undefined;
}
