import { watch, type Ref } from "vue";
import { datafeedApi } from "@/plugins/apiAdapter";
import type { SymbolInfo } from "@/plugins/datafeed";
import { ask, useService } from "./useServices";
import { useSnapshot } from "./useSnapshot";

/** What the datafeed knows of a symbol; it is asked again when it comes back after an outage. */
export function useSymbol(symbol: Readonly<Ref<string>>) {
  const { state, problem, known, refresh, reset } = useSnapshot<SymbolInfo | undefined>({
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
  watch(service, (now) => {
    if (now === "up" && !known.value) void refresh();
  });
  return { info: state, problem };
}
