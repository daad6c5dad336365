import { onScopeDispose, ref, watch, type Ref } from "vue";
import { ApiError, datafeedApi, isCancelled } from "@/plugins/apiAdapter";

/** One line of the list of symbols. */
export interface SymbolRow {
  symbol: string;
  description: string;
  exchange: string;
  type: string;
}

const PAUSE_MS = 200;

/**
 * The symbols that fit `query`, all of them if it is blank. A new query starts after a pause in the
 * typing and cancels the one before; `retry` asks again at once.
 */
export function useSymbols(query: Ref<string>) {
  const rows = ref<SymbolRow[]>([]);
  const loading = ref(true);
  const error = ref<string>();
  let request = new AbortController();
  let pause: ReturnType<typeof setTimeout> | undefined;

  async function load(): Promise<void> {
    stop();
    const { signal } = (request = new AbortController());
    loading.value = true;
    error.value = undefined;
    try {
      const found = await find(query.value.trim(), signal);
      if (!signal.aborted) rows.value = found;
    } catch (reason) {
      if (signal.aborted || isCancelled(reason)) return;
      if (!(reason instanceof ApiError)) throw reason;
      rows.value = [];
      error.value = reason.message;
    } finally {
      if (!signal.aborted) loading.value = false;
    }
  }

  async function find(text: string, signal: AbortSignal): Promise<SymbolRow[]> {
    const datafeed = await datafeedApi();
    if (text) return (await datafeed.searchSymbols({ userInput: text }, { signal })).data;
    const symbols = (await datafeed.getSymbols({}, { signal })).data;
    return symbols.map(({ name, description, exchange, type }) => ({
      symbol: name,
      description,
      exchange,
      type,
    }));
  }

  function stop(): void {
    clearTimeout(pause);
    request.abort();
  }

  watch(query, () => {
    stop();
    loading.value = true;
    pause = setTimeout(load, PAUSE_MS);
  });
  onScopeDispose(stop);
  void load();
  return { rows, loading, error, retry: load };
}
