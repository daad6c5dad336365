import { Resolution, type Bar } from "@/plugins/datafeed";

/** The length of one bar in seconds; a month's is that of the longest. */
export const PERIOD_SECONDS: Readonly<Record<Resolution, number>> = {
  [Resolution.MINUTE]: 60,
  [Resolution.MINUTE_5]: 300,
  [Resolution.MINUTE_15]: 900,
  [Resolution.HOUR]: 3_600,
  [Resolution.DAY]: 86_400,
  [Resolution.WEEK]: 7 * 86_400,
  [Resolution.MONTH]: 31 * 86_400,
};

export const RESOLUTIONS = Object.values(Resolution);

/** How a resolution reads: in full, and on a button. */
export const RESOLUTION_NAMES: Readonly<Record<Resolution, { full: string; short: string }>> = {
  [Resolution.MINUTE]: { full: "1 minute", short: "1m" },
  [Resolution.MINUTE_5]: { full: "5 minutes", short: "5m" },
  [Resolution.MINUTE_15]: { full: "15 minutes", short: "15m" },
  [Resolution.HOUR]: { full: "1 hour", short: "1h" },
  [Resolution.DAY]: { full: "1 day", short: "1D" },
  [Resolution.WEEK]: { full: "1 week", short: "1W" },
  [Resolution.MONTH]: { full: "1 month", short: "1M" },
};

/** Return the resolution that `text` spells, a day if it spells none. */
export function toResolution(text: unknown): Resolution {
  return RESOLUTIONS.find((resolution) => resolution === text) ?? Resolution.DAY;
}

/** Tell whether bars start at a time of day; those of a day and longer start at midnight UTC. */
export function isIntraday(resolution: Resolution): boolean {
  return PERIOD_SECONDS[resolution] < PERIOD_SECONDS[Resolution.DAY];
}

/** Return `bars` with a bar of the live stream: it replaces the one of its time, or comes after the last. */
export function withBar(bars: readonly Bar[], bar: Bar): readonly Bar[] {
  let index = bars.length;
  while (index > 0 && (bars[index - 1] as Bar).time > bar.time) index -= 1;
  // A bar that is missing between others cannot be a live one.
  if (bars[index - 1]?.time === bar.time) index -= 1;
  else if (index < bars.length) return bars;
  return [...bars.slice(0, index), bar, ...bars.slice(index + 1)];
}

/**
 * Return `held` after the newest bars were read again: `fresh` counts, and older bars are kept as
 * long as no bar can be missing in between. A replay that started anew is behind what is held.
 */
export function renewed(held: readonly Bar[], fresh: readonly Bar[]): readonly Bar[] {
  const start = fresh[0]?.time;
  const end = held.at(-1)?.time;
  if (start === undefined || end === undefined || end < start) return fresh;
  return [...held.filter((bar) => bar.time < start), ...fresh];
}

/**
 * Return how many bars at the start of `before` a chart can keep to show `after`, whose others are
 * new or changed at the end; undefined if the chart has to be drawn anew.
 */
export function keptBars(before: readonly Bar[], after: readonly Bar[]): number | undefined {
  const kept = before.length - 1;
  if (kept < 1 || after.length < before.length) return undefined;
  const same = before[0] === after[0] && before[kept - 1] === after[kept - 1];
  return same && before[kept]?.time === after[kept]?.time ? kept : undefined;
}
