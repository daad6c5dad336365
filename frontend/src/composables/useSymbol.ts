import { computed, watch, type Ref } from "vue";
import { datafeedApi } from "@/plugins/apiAdapter";
import type { SymbolInfo } from "@/plugins/datafeed";
import { useRetry } from "./useRetry";
import { ask, useService } from "./useServices";
import { useSnapshot } from "./useSnapshot";

/** What the datafeed knows of a symbol; it is asked again during an outage, until it answers. */
export function useSymbol(symbol: Readonly<Ref<string>>) {
  const { state, known, refresh, reset } = useSnapshot<SymbolInfo | undefined>({
    initial: undefined,
    read: async (signal) => {
      const request = { symbol: symbol.value };
      return (await ask("datafeed", async () => (await datafeedApi()).resolveSymbol(request, { signal }))).data;
    },
  });
  const change = () => {
    reset();
    void refresh();
  };
  watch(symbol, change, { immediate: true });
  const service = useService("datafeed");
  useRetry(
    computed(() => service.value === "down"),
    refresh,
  );
  watch(service, (now) => {
    if (now === "up" && !known.value) void refresh();
  });
  return { info: state };
}
