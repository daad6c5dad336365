import { computed, onScopeDispose, shallowReactive, watch, type ComputedRef, type Ref } from "vue";
import type { QuoteValues } from "@/plugins/datafeed";
import { datafeedStreams } from "@/plugins/wsAdapter";
import { track } from "./useServices";

// One subscription per symbol for the whole page, so that all its parts show the same quote.
const quotes = shallowReactive(new Map<string, QuoteValues>());
const followed = new Map<string, { followers: number; stop(): void }>();

/** The live quotes of `symbols`, by symbol; unknown ones are missing. */
export function useQuotes(symbols: Readonly<Ref<readonly string[]>>): ReadonlyMap<string, QuoteValues> {
  let current: readonly string[] = [];
  const change = (wanted: readonly string[]) => {
    const before = current;
    current = [...new Set(wanted)];
    current.forEach(follow);
    before.forEach(leave);
  };
  watch(symbols, change, { immediate: true });
  onScopeDispose(() => change([]));
  return quotes;
}

/** The live quote of one symbol. */
export function useQuote(symbol: Readonly<Ref<string>>): ComputedRef<QuoteValues | undefined> {
  const all = useQuotes(computed(() => [symbol.value]));
  return computed(() => all.get(symbol.value));
}

function follow(symbol: string): void {
  const known = followed.get(symbol);
  if (known) known.followers += 1;
  else followed.set(symbol, { followers: 1, stop: subscribe(symbol) });
}

function leave(symbol: string): void {
  const known = followed.get(symbol);
  if (!known || --known.followers > 0) return;
  known.stop();
  followed.delete(symbol);
  quotes.delete(symbol);
}

function subscribe(symbol: string): () => void {
  return track("datafeed", datafeedStreams()).subscribe(
    "quotes",
    { symbols: [], fastSymbols: [symbol] },
    {
      update: ({ s, v }) => (s === "ok" ? quotes.set(symbol, v) : quotes.delete(symbol)),
      // The chart reports the error. The last quote would mislead, as nothing updates it.
      error: () => quotes.delete(symbol),
    },
  );
}
