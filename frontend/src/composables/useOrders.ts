import type { Ref } from "vue";
import { brokerApi } from "@/plugins/apiAdapter";
import { OrderStatus, type PlacedOrder, type PreOrder } from "@/plugins/broker";
import { describe, isWorking, outcome } from "@/lib/orders";
import { useBrokerStream } from "./useBrokerStream";
import { ask } from "./useServices";
import { useSnapshot } from "./useSnapshot";

const WORKING = [OrderStatus.WORKING, OrderStatus.PLACING, OrderStatus.INACTIVE];
const PAGE = 500;

/** What has become of an order: told by the stream, or by the answer to a request, which may be older. */
interface Change {
  order: PlacedOrder;
  answer: boolean;
}

/** The working orders of the account; `tell` hears when one of them has ended. */
export function useOrders(accountId: Readonly<Ref<string | undefined>>, tell: (message: string) => void) {
  const snapshot = useSnapshot<readonly PlacedOrder[], Change>({
    initial: [],
    read: workingOrders,
    apply: (orders, { order, answer }) => (answer && !isNews(orders, order) ? orders : withOrder(orders, order)),
  });
  const { state, problem, known, change } = snapshot;

  function update(order: PlacedOrder, answer = false): void {
    const before = state.value.find(({ id }) => id === order.id);
    if (before && !isWorking(order)) tell(`${describe(order)} ${outcome(order)}.`);
    change({ order, answer });
  }

  /** Throws `ApiError`. */
  async function cancel(order: PlacedOrder): Promise<void> {
    await ask("broker", async () => (await brokerApi()).cancelOrder({ orderId: order.id }));
    // The stream says so, too, if it is there.
    if (state.value.some(({ id }) => id === order.id)) update({ ...order, status: OrderStatus.CANCELED });
  }

  /** Throws `ApiError`. */
  async function modify(order: PlacedOrder, request: PreOrder): Promise<void> {
    const body = { orderId: order.id, preOrder: request };
    const { data } = await ask("broker", async () => (await brokerApi()).modifyOrder(body));
    update(data, true);
  }

  const renew = useBrokerStream("orders", accountId, {
    update: (order) => update(order),
    ...snapshot.stream,
  });
  return { orders: state, problem, known, retry: () => snapshot.retry(renew), cancel, modify };
}

/** Tell whether an answer is about an order that is still there and was not changed later. */
function isNews(orders: readonly PlacedOrder[], answer: PlacedOrder): boolean {
  const held = orders.find(({ id }) => id === answer.id);
  return held !== undefined && (answer.updateTime ?? Infinity) >= (held.updateTime ?? 0);
}

/** Return `orders` with what has become of one: replaced, added at the end, or gone. */
export function withOrder(orders: readonly PlacedOrder[], order: PlacedOrder): readonly PlacedOrder[] {
  if (!isWorking(order)) return orders.filter(({ id }) => id !== order.id);
  const index = orders.findIndex(({ id }) => id === order.id);
  if (index < 0) return [...orders, order];
  return orders.map((other, at) => (at === index ? order : other));
}

async function workingOrders(signal: AbortSignal): Promise<readonly PlacedOrder[]> {
  const api = await brokerApi();
  const orders: PlacedOrder[] = [];
  for (;;) {
    const cursor = orders.at(-1)?.id;
    const request = { status: WORKING, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
    const { data } = await ask("broker", () => api.getOrders(request, { signal }));
    orders.push(...data);
    if (data.length < PAGE) return orders;
  }
}
