import { onScopeDispose, watch, type Ref } from "vue";
import { datafeedApi } from "@/plugins/apiAdapter";
import type { SearchSymbolResultItem } from "@/plugins/datafeed";
import { ask } from "./useServices";
import { useSnapshot } from "./useSnapshot";

const PAUSE_MS = 150;
const MAX_RESULTS = 20;

/**
 * The symbols that fit `query`, all of them if it is blank; `search` asks at once, typing asks after
 * a pause. A new query cancels the one before.
 */
export function useSymbolSearch(query: Readonly<Ref<string>>) {
  const { state, loading, problem, refresh, abort } = useSnapshot<readonly SearchSymbolResultItem[]>({
    initial: [],
    read: async (signal) => {
      const request = { userInput: query.value.trim(), maxResults: MAX_RESULTS };
      return (await ask("datafeed", async () => (await datafeedApi()).searchSymbols(request, { signal }))).data;
    },
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
