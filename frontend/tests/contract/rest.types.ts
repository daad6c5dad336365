/** What the REST clients of the real modules must accept and refuse. Compiled, never run. */
import { BrokerApi, OrderType, Side, type PlacedOrder, type PreOrder } from "@/clients/trader-client-broker";
import { DatafeedApi, type SymbolInfo } from "@/clients/trader-client-datafeed";
import { brokerApi, datafeedApi, isCancelled, ApiError } from "@/plugins/apiAdapter";
import { Resolution } from "@/plugins/datafeed";
import { holds, type Same } from "./holds";

const broker = new BrokerApi({ basePath: "http://broker-service:8001" });
const datafeed = new DatafeedApi({ basePath: "http://datafeed-service:8002" });

const order: PreOrder = { symbol: "AAPL", type: OrderType.LIMIT, side: Side.BUY, qty: 1, limitPrice: 10, stopLoss: null };

export async function accepted(signal: AbortSignal): Promise<void> {
  const placed = await broker.placeOrder({ preOrder: order, idempotencyKey: "k" }, { signal });
  holds<Same<typeof placed.data.orderId, string>>();
  const orders = await broker.getOrders({ status: [6], limit: 10 });
  holds<Same<typeof orders.data, PlacedOrder[]>>();
  holds<Same<PlacedOrder["limitPrice"], number | null | undefined>>();
  holds<Same<PlacedOrder["parentId"], string | null | undefined>>();
  holds<Same<PlacedOrder["parentType"], 1 | 2 | null | undefined>>();
  holds<Same<PlacedOrder["side"], 1 | -1>>();
  holds<Same<PlacedOrder["type"], 1 | 2 | 3 | 4>>();
  holds<Same<SymbolInfo["data_status"], "streaming" | "endofday" | "delayed_streaming">>();
  const time = await datafeed.getServerTime();
  holds<Same<typeof time.data, number>>();
  const bars = await datafeed.getBars({ symbol: "AAPL", resolution: "1D", fromTime: 0, toTime: 1, countBack: 2 });
  holds<Same<typeof bars.data.noData, boolean>>();
  await broker.closePosition({ positionId: "p" });
  await broker.closePosition({ positionId: "p", amount: 1, idempotencyKey: "k" });
}

export async function refused(): Promise<void> {
  // @ts-expect-error no such option
  new BrokerApi({ baseUrl: "http://broker-service:8001" });
  // @ts-expect-error a number where the URL belongs
  new BrokerApi({ basePath: 8001 });
  // @ts-expect-error a side that does not exist
  await broker.placeOrder({ preOrder: { ...order, side: 2 } });
  // @ts-expect-error the name of a side instead of its value
  await broker.placeOrder({ preOrder: { ...order, side: "BUY" } });
  // @ts-expect-error a required field is missing
  await broker.placeOrder({ preOrder: { symbol: "AAPL", type: OrderType.MARKET, side: Side.BUY } });
  // @ts-expect-error null where a value is required
  await broker.placeOrder({ preOrder: { ...order, qty: null } });
  // @ts-expect-error whose exit an order is, is the broker's to say
  await broker.placeOrder({ preOrder: { ...order, parentId: "p" } });
  // @ts-expect-error a field that the request does not have
  await broker.placeOrder({ preOrder: { ...order, quantity: 1 } });
  // @ts-expect-error a price that is text
  await broker.placeOrder({ preOrder: { ...order, limitPrice: "10" } });
  // @ts-expect-error the body is missing
  await broker.placeOrder();
  // @ts-expect-error a status that does not exist
  await broker.getOrders({ status: [7] });
  // @ts-expect-error a parameter that is required
  await broker.getOrder({});
  // @ts-expect-error no parameter is null
  await broker.closePosition({ positionId: "p", amount: null });
  // @ts-expect-error a resolution that does not exist
  await datafeed.getBars({ symbol: "AAPL", resolution: "2D", fromTime: 0, toTime: 1 });
  const { data } = await broker.getPositions();
  // @ts-expect-error a list, not a page of one
  data.items.map(String);
}

export async function adapters(error: unknown): Promise<void> {
  const api = await brokerApi();
  holds<Same<typeof api.placeOrder, typeof broker.placeOrder>>();
  await (await datafeedApi()).getBars({ symbol: "AAPL", resolution: Resolution.DAY, fromTime: 0, toTime: 1 });
  // @ts-expect-error each adapter has its own operations
  await (await datafeedApi()).placeOrder({ preOrder: order });
  // @ts-expect-error the promise of a client is no client
  await brokerApi().getPositions();
  if (isCancelled(error) || !(error instanceof ApiError)) return;
  holds<Same<typeof error.status, number>>();
  // @ts-expect-error it may have no detail
  error.detail.trim();
}
