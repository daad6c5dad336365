/** What the REST clients must accept and reject, in types. `npm run type-check` compiles this file; nothing runs it. */
import { expectTypeOf } from "vitest";
import { BrokerApi, OrderType, Side, failureOf, type BrokerOperations, type PlacedOrder, type PreOrder, type Unrecognized } from "@/clients/trader-client-broker";
import { DatafeedApi, type SymbolInfo } from "@/clients/trader-client-datafeed";
import { brokerApi, datafeedApi, isCancelled, ApiError } from "@/plugins/apiAdapter";
import { Resolution } from "@/plugins/datafeed";

const broker = new BrokerApi({ basePath: "http://broker-service:8001" });
const datafeed = new DatafeedApi({ basePath: "http://datafeed-service:8002" });

const order: PreOrder = { symbol: "AAPL", type: OrderType.LIMIT, side: Side.BUY, qty: 1, limitPrice: 10, stopLoss: null };

export async function accept(signal: AbortSignal): Promise<void> {
  const placed = await broker.placeOrder({ body: order, idempotencyKey: "k" }, { signal });
  expectTypeOf(placed.data.orderId).toEqualTypeOf<string>();
  const orders = await broker.getOrders({ status: [6], limit: 10 });
  expectTypeOf(orders.data).toEqualTypeOf<PlacedOrder[]>();
  expectTypeOf<PlacedOrder["limitPrice"]>().toEqualTypeOf<number | null | undefined>();
  expectTypeOf<PlacedOrder["parentId"]>().toEqualTypeOf<string | null | undefined>();
  expectTypeOf<PlacedOrder["parentType"]>().toEqualTypeOf<1 | 2 | Unrecognized<number> | null | undefined>();
  expectTypeOf<PlacedOrder["side"]>().toEqualTypeOf<1 | -1 | Unrecognized<number>>();
  expectTypeOf<PlacedOrder["type"]>().toEqualTypeOf<1 | 2 | 3 | 4 | Unrecognized<number>>();
  expectTypeOf<SymbolInfo["data_status"]>().toEqualTypeOf<"streaming" | "endofday" | "delayed_streaming">();
  const time = await datafeed.getServerTime();
  expectTypeOf(time.data).toEqualTypeOf<number>();
  const bars = await datafeed.getBars({ symbol: "AAPL", resolution: "1D", fromTime: 0, toTime: 1, countBack: 2 });
  expectTypeOf(bars.data.noData).toEqualTypeOf<boolean>();
  expectTypeOf<BrokerOperations["getOrder"]["arguments"]>().toEqualTypeOf<{ orderId: string }>();
  expectTypeOf<BrokerOperations["getOrder"]["replies"][200]>().toEqualTypeOf<PlacedOrder>();
  expectTypeOf(failureOf<BrokerOperations["getOrder"]>(undefined)?.data).toEqualTypeOf<BrokerOperations["getOrder"]["errors"][404] | undefined>();
  await broker.closePosition({ positionId: "p" });
  await broker.closePosition({ positionId: "p", amount: 1, idempotencyKey: "k" });
}

export async function reject(): Promise<void> {
  // @ts-expect-error unknown option
  new BrokerApi({ baseUrl: "http://broker-service:8001" });
  // @ts-expect-error a number as the URL
  new BrokerApi({ basePath: 8001 });
  // @ts-expect-error unknown side
  await broker.placeOrder({ body: { ...order, side: 2 } });
  // @ts-expect-error the name of a side instead of its value
  await broker.placeOrder({ body: { ...order, side: "BUY" } });
  // @ts-expect-error missing field
  await broker.placeOrder({ body: { symbol: "AAPL", type: OrderType.MARKET, side: Side.BUY } });
  // @ts-expect-error null for a required value
  await broker.placeOrder({ body: { ...order, qty: null } });
  // @ts-expect-error a field that only the broker sets
  await broker.placeOrder({ body: { ...order, parentId: "p" } });
  // @ts-expect-error unknown field
  await broker.placeOrder({ body: { ...order, quantity: 1 } });
  // @ts-expect-error a string as the price
  await broker.placeOrder({ body: { ...order, limitPrice: "10" } });
  // @ts-expect-error missing body
  await broker.placeOrder();
  // @ts-expect-error unknown status
  await broker.getOrders({ status: [7] });
  // @ts-expect-error missing parameter
  await broker.getOrder({});
  // @ts-expect-error null as a parameter
  await broker.closePosition({ positionId: "p", amount: null });
  // @ts-expect-error unknown resolution
  await datafeed.getBars({ symbol: "AAPL", resolution: "2D", fromTime: 0, toTime: 1 });
  const { data } = await broker.getPositions();
  // @ts-expect-error a list, not a page
  data.items.map(String);
}

export async function useAdapters(error: unknown): Promise<void> {
  const api = await brokerApi();
  expectTypeOf(api.placeOrder).toEqualTypeOf(broker.placeOrder);
  await (await datafeedApi()).getBars({ symbol: "AAPL", resolution: Resolution.DAY, fromTime: 0, toTime: 1 });
  // @ts-expect-error an operation of another module
  await (await datafeedApi()).placeOrder({ body: order });
  // @ts-expect-error a missing await
  await brokerApi().getPositions();
  if (isCancelled(error) || !(error instanceof ApiError)) return;
  expectTypeOf(error.status).toEqualTypeOf<number>();
  // @ts-expect-error detail may be undefined
  error.detail.trim();
}

// @ts-expect-error a switch of all known members needs a default
export function name(side: PlacedOrder["side"]): string {
  switch (side) {
    case Side.BUY:
      return "buy";
    case Side.SELL:
      return "sell";
  }
}

/** What was received can be sent on; a literal that is not a member cannot. */
export function sendOn(received: PlacedOrder): PreOrder {
  return { symbol: received.symbol, type: received.type, side: received.side, qty: received.qty };
}
// @ts-expect-error 7 is not a side
export const other: PreOrder = { symbol: "AAPL", type: OrderType.MARKET, side: 7, qty: 1 };
