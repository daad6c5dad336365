import { computed, onScopeDispose, shallowRef } from "vue";
import type { AccountMetainfo, BrokerConnectionStatus, EquityData } from "@/plugins/broker";
import { useBrokerStream } from "./useBrokerStream";
import { useRetry } from "./useRetry";
import { callBroker, release, useService } from "./useServices";
import { useSnapshot } from "./useSnapshot";

/**
 * The account, and whether the broker can trade. The account is read until the broker has responded, as the
 * streams need its id.
 */
export function useAccount() {
  const snapshot = useSnapshot<AccountMetainfo | undefined, EquityData>({
    initial: undefined,
    read: (signal) => callBroker((api) => api.getAccount({ signal })),
    apply: (account, money) => account && { ...account, ...money },
  });
  const { state, problem, refresh, retry } = snapshot;
  const id = computed(() => state.value?.id);
  const connection = shallowRef<BrokerConnectionStatus>();
  const service = useService("broker");

  useRetry(
    computed(() => service.value === "down" || (problem.value !== undefined && id.value === undefined)),
    refresh,
  );
  onScopeDispose(() => release("broker"));
  const resubscribe = useBrokerStream("equity", id, snapshot.stream);
  useBrokerStream("connection", id, { update: (status) => (connection.value = status) });
  void refresh();
  return { account: state, id, connection, problem, refresh, retry: () => retry(resubscribe) };
}
