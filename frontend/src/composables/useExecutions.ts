import { onScopeDispose } from "vue";
import type { Execution } from "@/plugins/broker";
import { useBrokerStream, type AccountId } from "./useBrokerStream";
import { callBroker } from "./useServices";
import { useSnapshot } from "./useSnapshot";

const LIMIT = 100;
const PAUSE_MS = 100;

/** The newest executions, newest first. After new ones, `executed` is called once. */
export function useExecutions(accountId: AccountId, executed: () => void) {
  const { state, problem, known, stream, retry, update } = useSnapshot<readonly Execution[], Execution>({
    initial: [],
    read: async (signal) => (await callBroker((api) => api.getExecutions({ limit: LIMIT }, { signal }))).reverse(),
    apply: withExecution,
  });
  let pause: ReturnType<typeof setTimeout> | undefined;

  function pushed(execution: Execution): void {
    update(execution);
    pause ??= setTimeout(() => {
      pause = undefined;
      executed();
    }, PAUSE_MS);
  }

  const resubscribe = useBrokerStream("executions", accountId, { ...stream, update: pushed });
  onScopeDispose(() => clearTimeout(pause));
  return { rows: state, problem, known, retry: () => retry(resubscribe) };
}

/** A read that overlaps with the stream can contain an execution that is pushed, too. */
function withExecution(executions: readonly Execution[], execution: Execution): readonly Execution[] {
  if (executions.some(({ id }) => id === execution.id)) return executions;
  return [execution, ...executions].slice(0, LIMIT);
}
