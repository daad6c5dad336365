import { computed, onScopeDispose, shallowRef, watch } from "vue";
import { brokerApi } from "@/plugins/apiAdapter";
import type { AccountMetainfo, BrokerConnectionStatus, EquityData } from "@/plugins/broker";
import { ask, release } from "./useServices";
import { useBrokerStream } from "./useBrokerStream";
import { useSnapshot } from "./useSnapshot";

const RETRY_MS = 1_000;
const MAX_RETRY_MS = 10_000;

/**
 * The account and its money, and whether the broker has prices. Until the broker has answered, it is
 * asked again and again: without the account's id there are no streams that could tell of its return.
 */
export function useAccount() {
  const { state, problem, refresh, change } = useSnapshot<AccountMetainfo | undefined, EquityData>({
    initial: undefined,
    read: async (signal) =>
      (await ask("broker", async () => (await brokerApi()).getAccount({ signal }))).data,
    apply: (account, money) => account && { ...account, ...money },
  });
  const id = computed(() => state.value?.id);
  const connection = shallowRef<BrokerConnectionStatus>();
  let pause: ReturnType<typeof setTimeout> | undefined;
  let failures = 0;

  watch(problem, (now) => {
    clearTimeout(pause);
    if (!now || id.value !== undefined) return;
    pause = setTimeout(refresh, Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** failures));
    failures += 1;
  });
  onScopeDispose(() => {
    clearTimeout(pause);
    release("broker");
  });
  useBrokerStream("equity", id, { update: change, subscribed: refresh });
  useBrokerStream("connection", id, { update: (status) => (connection.value = status) });
  void refresh();
  return { account: state, id, connection, problem, refresh };
}
