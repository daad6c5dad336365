import { shallowRef } from "vue";
import { OrderStatus, type PlacedOrder, type PreOrder } from "@/plugins/broker";
import { describe, isWorking, outcome, withRow } from "@/lib/orders";
import { useBrokerStream, type AccountId } from "./useBrokerStream";
import { callBroker } from "./useServices";
import { useSnapshot } from "./useSnapshot";

const WORKING = [OrderStatus.WORKING, OrderStatus.PLACING, OrderStatus.INACTIVE];
const PAGE = 500;

/** The working orders of the account; `announce` is called when one of them has ended. */
export function useOrders(accountId: AccountId, announce: (news: string) => void) {
  const { state, problem, known, stream, refresh, retry, update } = useSnapshot<readonly PlacedOrder[], PlacedOrder>({
    initial: [],
    read: workingOrders,
    apply: (orders, order) => withRow(orders, order, isWorking(order)),
  });
  /** The order of the last update, whether it works or has ended. */
  const latest = shallowRef<PlacedOrder>();

  function pushed(order: PlacedOrder): void {
    const listed = state.value.some(({ id }) => id === order.id);
    if (listed && !isWorking(order)) announce(`${describe(order)} ${outcome(order)}.`);
    latest.value = order;
    update(order);
  }

  /** Throws `ApiError`. */
  async function cancel(order: PlacedOrder): Promise<void> {
    await callBroker((api) => api.cancelOrder({ orderId: order.id }));
    // The stream may have reported this already, or be down.
    if (state.value.some(({ id }) => id === order.id)) pushed({ ...order, status: OrderStatus.CANCELED });
  }

  /** Throws `ApiError`. */
  async function modify({ id }: PlacedOrder, preOrder: PreOrder): Promise<void> {
    await callBroker((api) => api.modifyOrder({ orderId: id, body: preOrder }));
    await refresh();
  }

  const resubscribe = useBrokerStream("orders", accountId, { ...stream, update: pushed });
  return { rows: state, latest, problem, known, retry: () => retry(resubscribe), cancel, modify };
}

async function workingOrders(signal: AbortSignal): Promise<readonly PlacedOrder[]> {
  const orders: PlacedOrder[] = [];
  for (;;) {
    const cursor = orders.at(-1)?.id;
    const request = { status: WORKING, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const page = await callBroker((api) => api.getOrders(request, { signal }));
    orders.push(...page);
    if (page.length < PAGE) return orders;
  }
}
