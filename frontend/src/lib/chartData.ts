import type { CandlestickData, HistogramData, UTCTimestamp } from "lightweight-charts";
import type { Bar } from "@/plugins/datafeed";

/** Return a `Bar.time` (Unix milliseconds) in the chart's unit, Unix seconds. */
export function chartTime(milliseconds: number): UTCTimestamp {
  return Math.floor(milliseconds / 1000) as UTCTimestamp;
}

export function toCandle({ time, open, high, low, close }: Bar): CandlestickData<UTCTimestamp> {
  return { time: chartTime(time), open, high, low, close };
}

/** Return the volume of a bar, coloured by the bar's direction. */
export function toVolume(bar: Bar, up: string, down: string): HistogramData<UTCTimestamp> {
  return { time: chartTime(bar.time), value: bar.volume, color: bar.close < bar.open ? down : up };
}

// The values of lightweight-charts' TickMarkType, a const enum that cannot be imported as a value.
const YEAR = 0;
const MONTH = 1;
const DAY = 2;

export interface ChartTimes {
  /** Returns the time of a bar in full. */
  full(seconds: number): string;
  /** Returns a label of the time axis. */
  tick(seconds: number, type: number): string;
}

/** Return the formats of a chart's times: in the time zone of the exchange for intraday bars, else in UTC. */
export function chartTimes(intraday: boolean, exchangeZone: string): ChartTimes {
  const timeZone = intraday ? exchangeZone : "UTC";
  const format = (options: Intl.DateTimeFormatOptions) => {
    const formatter = new Intl.DateTimeFormat("en-GB", { timeZone, ...options });
    return (seconds: number) => formatter.format(seconds * 1000);
  };
  const date: Intl.DateTimeFormatOptions = { day: "2-digit", month: "short", year: "numeric" };
  const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit" };
  const ticks = {
    [YEAR]: format({ year: "numeric" }),
    [MONTH]: format({ month: "short" }),
    [DAY]: format({ day: "numeric" }),
  };
  const clock = format(time);
  const tick = (seconds: number, type: number) => (ticks[type as typeof YEAR] ?? clock)(seconds);
  return { full: format(intraday ? { ...date, ...time, weekday: "short" } : date), tick };
}
