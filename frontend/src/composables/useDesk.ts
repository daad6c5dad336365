import { ref, watch } from "vue";
import { useAccount } from "./useAccount";
import { useExecutions } from "./useExecutions";
import { useOrders } from "./useOrders";
import { usePositions } from "./usePositions";

/** Everything that the broker keeps for the account, and the last thing that happened there. */
export function useDesk() {
  const news = ref("");
  const tell = (message: string) => (news.value = message);
  const account = useAccount();
  const orders = useOrders(account.id, tell);
  const positions = usePositions(account.id, tell);
  const executions = useExecutions(account.id, account.refresh);
  // Positions and exits tie up margin, which the stream of the equity does not carry.
  watch(positions.positions, account.refresh);
  return { news, account, orders, positions, executions };
}
