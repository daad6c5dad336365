import { computed, onScopeDispose, shallowReactive, watch, type ComputedRef, type Ref } from "vue";
import type { QuoteValues } from "@/plugins/datafeed";
import { datafeedStreams } from "@/plugins/wsAdapter";

interface Followed {
  followers: number;
  stop(): void;
}

// One subscription per symbol for the whole page, so that each part of it has the last quote at once.
const quotes = shallowReactive(new Map<string, QuoteValues>());
const followed = new Map<string, Followed>();

/** The live quotes of `symbols`, by symbol; those that are unknown are missing. */
export function useQuotes(symbols: Readonly<Ref<readonly string[]>>): ReadonlyMap<string, QuoteValues> {
  let mine: readonly string[] = [];
  const change = (wanted: readonly string[]) => {
    const before = mine;
    mine = [...new Set(wanted)];
    mine.forEach(follow);
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
  return datafeedStreams().subscribe(
    "quotes",
    { symbols: [], fastSymbols: [symbol] },
    {
      update: ({ s, v }) => (s === "ok" ? quotes.set(symbol, v) : quotes.delete(symbol)),
      // The chart tells why; a price that nobody updates any more would mislead.
      error: () => quotes.delete(symbol),
    },
  );
}
