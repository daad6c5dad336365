import { onScopeDispose, watch, type Ref } from "vue";
import type { SearchSymbolResultItem } from "@/plugins/datafeed";
import { callDatafeed } from "./useServices";
import { useSnapshot } from "./useSnapshot";

const PAUSE_MS = 150;
const MAX_RESULTS = 20;

/**
 * The symbols that match `query`, or all of them if it is blank. They are searched for after a pause in
 * the typing, or at once with `search`. A new query cancels the one before.
 */
export function useSymbolSearch(query: Readonly<Ref<string>>) {
  const { state, loading, problem, refresh, abort } = useSnapshot<readonly SearchSymbolResultItem[]>({
    initial: [],
    read: (signal) =>
      callDatafeed((api) => api.searchSymbols({ userInput: query.value.trim(), maxResults: MAX_RESULTS }, { signal })),
  });
  let pause: ReturnType<typeof setTimeout> | undefined;

  function search(): Promise<void> {
    clearTimeout(pause);
    return refresh();
  }

  watch(query, () => {
    clearTimeout(pause);
    abort();
    loading.value = true;
    pause = setTimeout(search, PAUSE_MS);
  });
  onScopeDispose(() => clearTimeout(pause));
  return { hits: state, loading, problem, search };
}
