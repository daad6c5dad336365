import { computed, reactive, ref, watch } from "vue";
import type { AccountMetainfo } from "@/plugins/broker";
import { cents } from "@/lib/format";
import { useAccount } from "./useAccount";
import { useExecutions } from "./useExecutions";
import { useOrders } from "./useOrders";
import { usePositions } from "./usePositions";

/** The account's money at the quotes that the page shows; undefined as long as one of them is unknown. */
export type ValuedAccount = Omit<AccountMetainfo, "equity" | "unrealizedPL"> & Record<"equity" | "unrealizedPL", number | undefined>;

/** The account with its orders, positions and executions, and the last thing that happened to them. */
export function useDesk() {
  const news = ref("");
  const announce = (message: string) => (news.value = message);
  const account = useAccount();
  const orders = useOrders(account.id, announce);
  const positions = usePositions(account.id, announce);
  const executions = useExecutions(account.id, account.refresh);
  // The broker values the account at prices of another moment: its sum would differ from that of the rows.
  const money = computed((): ValuedAccount | undefined => {
    const [known, unrealizedPL] = [account.account.value, positions.unrealized.value];
    if (!known) return undefined;
    return { ...known, unrealizedPL, equity: unrealizedPL === undefined ? undefined : cents(known.balance) + unrealizedPL };
  });
  // Positions and exits change the margin, which the stream of the equity does not carry.
  watch(positions.open, account.refresh);
  return reactive({ news, account: { ...account, money }, orders, positions, executions });
}
