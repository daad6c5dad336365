import { onScopeDispose, type Ref } from "vue";
import { brokerApi } from "@/plugins/apiAdapter";
import type { Execution } from "@/plugins/broker";
import { useBrokerStream } from "./useBrokerStream";
import { ask } from "./useServices";
import { useSnapshot } from "./useSnapshot";

const LIMIT = 100;
const PAUSE_MS = 100;

/**
 * The newest executions, newest first. They have no id by which a pushed one could be told from one
 * that was read already, so the stream only says when to read again; then `executed` is called.
 */
export function useExecutions(accountId: Readonly<Ref<string | undefined>>, executed: () => void) {
  const snapshot = useSnapshot<readonly Execution[]>({
    initial: [],
    read: async (signal) => {
      const { data } = await ask("broker", async () => (await brokerApi()).getExecutions({ limit: LIMIT }, { signal }));
      return [...data].reverse();
    },
  });
  let pause: ReturnType<typeof setTimeout> | undefined;

  function update(): void {
    pause ??= setTimeout(() => {
      pause = undefined;
      void snapshot.refresh();
      executed();
    }, PAUSE_MS);
  }

  const renew = useBrokerStream("executions", accountId, { update, ...snapshot.stream });
  onScopeDispose(() => clearTimeout(pause));
  const { state, problem, known } = snapshot;
  return { executions: state, problem, known, retry: () => snapshot.retry(renew) };
}
