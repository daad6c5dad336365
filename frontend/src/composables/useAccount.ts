import { computed, onScopeDispose, shallowRef } from "vue";
import { brokerApi } from "@/plugins/apiAdapter";
import type { AccountMetainfo, BrokerConnectionStatus, EquityData } from "@/plugins/broker";
import { useBrokerStream } from "./useBrokerStream";
import { useRetry } from "./useRetry";
import { ask, release, useService } from "./useServices";
import { useSnapshot } from "./useSnapshot";

/**
 * The account and its money, and whether the broker has prices. A broker that is down, or has not told
 * the account's id, without which there are no streams, is asked again and again.
 */
export function useAccount() {
  const snapshot = useSnapshot<AccountMetainfo | undefined, EquityData>({
    initial: undefined,
    read: async (signal) =>
      (await ask("broker", async () => (await brokerApi()).getAccount({ signal }))).data,
    apply: (account, money) => account && { ...account, ...money },
  });
  const { state, problem, refresh, change } = snapshot;
  const id = computed(() => state.value?.id);
  const connection = shallowRef<BrokerConnectionStatus>();
  const service = useService("broker");

  useRetry(
    computed(() => service.value === "down" || (problem.value !== undefined && id.value === undefined)),
    refresh,
  );
  onScopeDispose(() => release("broker"));
  const renew = useBrokerStream("equity", id, { update: change, ...snapshot.stream });
  useBrokerStream("connection", id, { update: (status) => (connection.value = status) });
  void refresh();
  return { account: state, id, connection, problem, refresh, retry: () => snapshot.retry(renew) };
}
