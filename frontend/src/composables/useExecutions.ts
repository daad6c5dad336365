import { onScopeDispose } from "vue";
import type { Execution } from "@/plugins/broker";
import { useBrokerStream, type AccountId } from "./useBrokerStream";
import { callBroker } from "./useServices";
import { useSnapshot } from "./useSnapshot";

const LIMIT = 100;
const PAUSE_MS = 100;

/**
 * The newest executions, newest first. An execution has no id by which a pushed one could be recognised in
 * what was read, so an update of the stream only leads to another read. `executed` is called then, too.
 */
export function useExecutions(accountId: AccountId, executed: () => void) {
  const { state, problem, known, stream, refresh, retry } = useSnapshot<readonly Execution[]>({
    initial: [],
    read: async (signal) => (await callBroker((api) => api.getExecutions({ limit: LIMIT }, { signal }))).reverse(),
  });
  let pause: ReturnType<typeof setTimeout> | undefined;

  function update(): void {
    pause ??= setTimeout(() => {
      pause = undefined;
      void refresh();
      executed();
    }, PAUSE_MS);
  }

  const resubscribe = useBrokerStream("executions", accountId, { ...stream, update });
  onScopeDispose(() => clearTimeout(pause));
  return { rows: state, problem, known, retry: () => retry(resubscribe) };
}
