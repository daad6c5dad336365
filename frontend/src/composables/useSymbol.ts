import { computed, watch, type Ref } from "vue";
import type { SymbolInfo } from "@/plugins/datafeed";
import { useRetry } from "./useRetry";
import { callDatafeed, useService } from "./useServices";
import { useSnapshot } from "./useSnapshot";

/** The datafeed's description of a symbol, and why there is none. After an outage it is read again. */
export function useSymbol(symbol: Readonly<Ref<string>>) {
  const { state, known, problem, refresh, reset } = useSnapshot<SymbolInfo | undefined>({
    initial: undefined,
    read: (signal) => callDatafeed((api) => api.resolveSymbol({ symbol: symbol.value }, { signal })),
  });
  const service = useService("datafeed");
  const change = () => {
    reset();
    void refresh();
  };
  watch(symbol, change, { immediate: true });
  watch(service, (now) => {
    if (now === "up" && !known.value) void refresh();
  });
  useRetry(
    computed(() => service.value === "down"),
    refresh,
  );
  return { info: state, problem };
}
