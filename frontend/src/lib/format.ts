/** What stands where a number is not known. */
export const UNKNOWN = "–";

type MaybeNumber = number | null | undefined;

const formats = new Map<string, Intl.NumberFormat>();

function format(value: MaybeNumber, options: Intl.NumberFormatOptions): string {
  if (value === null || value === undefined) return UNKNOWN;
  const key = JSON.stringify(options);
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.NumberFormat("en-US", options)));
  // A minus as wide as the plus, so that columns stay aligned.
  return found.format(value).replace("-", "−");
}

/** Return a price with `decimals` places; average prices may have up to two more. */
export function price(value: MaybeNumber, decimals = 2): string {
  return format(value, { minimumFractionDigits: decimals, maximumFractionDigits: decimals + 2 });
}

export function money(value: MaybeNumber): string {
  return format(value, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
}

/** Return a change, with its sign. */
export function signed(value: MaybeNumber, decimals = 2): string {
  return format(value, {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
    signDisplay: "exceptZero",
  });
}

/** Return a number of shares; the broker keeps 8 decimals. */
export function quantity(value: MaybeNumber): string {
  return format(value, { maximumFractionDigits: 8 });
}

const plainNumber = new Intl.NumberFormat("en-US", { useGrouping: false, maximumFractionDigits: 12 });

/** Return a number as it can be typed: digits and a point, no exponent and no grouping; nothing for none. */
export function plain(value: MaybeNumber): string {
  return value === null || value === undefined ? "" : plainNumber.format(value);
}

/** Return a volume in short, such as `1.2M`. */
export function volume(value: MaybeNumber): string {
  return format(value, { notation: "compact", maximumFractionDigits: 1 });
}

/** Return which way a change goes, as a class name for its colour. */
export function direction(change: MaybeNumber): "up" | "down" | "" {
  return !change ? "" : change > 0 ? "up" : "down";
}

const timeOfDay = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "medium" });

/** Return a moment (Unix milliseconds) in the time zone of the user. */
export function dateTime(milliseconds: number): string {
  return timeOfDay.format(milliseconds);
}

/** Return how many decimals a price has whose smallest step is `minmov / pricescale`. */
export function decimalsOf(info: { minmov: number; pricescale: number } | undefined): number {
  if (!info) return 2;
  return plain(info.minmov / info.pricescale).split(".")[1]?.length ?? 0;
}

/** Return the smallest step of a price, in which the broker counts the distance of a trailing stop. */
export function pipOf(info: { minmov: number; pricescale: number } | undefined): string {
  return info ? plain(info.minmov / info.pricescale) : "0.01";
}
