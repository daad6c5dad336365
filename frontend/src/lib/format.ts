/** Shown for an unknown number. */
export const UNKNOWN = "–";

type MaybeNumber = number | null | undefined;

const formats = new Map<string, Intl.NumberFormat>();

function format(value: MaybeNumber, options: Intl.NumberFormatOptions): string {
  if (value === null || value === undefined) return UNKNOWN;
  const key = JSON.stringify(options);
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.NumberFormat("en-US", options)));
  // A minus sign as wide as the plus sign keeps columns aligned.
  return found.format(value).replace("-", "−");
}

/** Format a price with `decimals` places; an average price may have up to two more. */
export function price(value: MaybeNumber, decimals = 2): string {
  return format(value, { minimumFractionDigits: decimals, maximumFractionDigits: decimals + 2 });
}

/** Round an amount of money to cents, as it is shown. */
export function cents(value: number): number {
  return Math.round(value * 100) / 100;
}

export function money(value: MaybeNumber): string {
  return format(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** Format a change with its sign. */
export function signed(value: MaybeNumber, decimals = 2): string {
  return format(value, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    signDisplay: "exceptZero",
  });
}

/** Format a number of shares, which has up to 8 decimals at the broker. */
export function quantity(value: MaybeNumber): string {
  return format(value, { maximumFractionDigits: 8 });
}

const plainNumber = new Intl.NumberFormat("en-US", { useGrouping: false, maximumFractionDigits: 12 });

/** Format a number as one would type it, without exponent and grouping; an unknown one as "". */
export function plain(value: MaybeNumber): string {
  return value === null || value === undefined ? "" : plainNumber.format(value);
}

/** Format a volume in short, such as `1.2M`. */
export function volume(value: MaybeNumber): string {
  return format(value, { notation: "compact", maximumFractionDigits: 1 });
}

/** Return the class that colours a change, or a side of the market, by its sign. */
export function direction(change: MaybeNumber): "up" | "down" | "" {
  return !change ? "" : change > 0 ? "up" : "down";
}

const timeOfDay = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** Format a time (Unix milliseconds) in the user's time zone. */
export function dateTime(milliseconds: number): string {
  return timeOfDay.format(milliseconds);
}

type PriceStep = { minmov: number; pricescale: number } | undefined;

/** Return the smallest step of a price, which is also the unit of a trailing stop's distance. */
export function pipOf(info: PriceStep): string {
  return info ? plain(info.minmov / info.pricescale) : "0.01";
}

/** Return how many decimals a price has. */
export function decimalsOf(info: PriceStep): number {
  return pipOf(info).split(".")[1]?.length ?? 0;
}
