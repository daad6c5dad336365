/** What the WebSocket types of the real modules must accept and refuse. Compiled, never run. */
import type { ClientMessage, ServerMessage } from "@/clients/ws-types-broker";
import type { Bar, BarsSubscription } from "@/clients/ws-types-datafeed";
import { OrderStatus, type PlacedOrder } from "@/plugins/broker";
import { brokerStreams, datafeedStreams, StreamSocket, type BrokerStreams, type DatafeedStreams } from "@/plugins/wsAdapter";
import { holds, type Same } from "./holds";

const ME = { accountId: "demo" };

holds<Same<keyof BrokerStreams, "orders" | "positions" | "executions" | "equity" | "connection">>();
holds<Same<keyof DatafeedStreams, "bars" | "quotes">>();
holds<Same<DatafeedStreams["bars"], { request: BarsSubscription; update: Bar }>>();
holds<Same<BrokerStreams["executions"]["update"]["side"], 1 | -1>>();
holds<Same<BrokerStreams["orders"]["update"]["parentType"], 1 | 2 | null | undefined>>();
holds<Same<Extract<ServerMessage, { type: "orders.update" }>["payload"], BrokerStreams["orders"]["update"]>>();

export function accepted(): void {
  const end = brokerStreams().subscribe("orders", ME, {
    update(order) {
      holds<Same<typeof order, BrokerStreams["orders"]["update"]>>();
      // The REST client's order is the same, so a page keeps both in one list.
      const orders: PlacedOrder[] = [order];
      orders.filter(({ status }) => status === OrderStatus.WORKING);
    },
    subscribed() {},
    error: (error) => holds<Same<typeof error.status, number>>(),
  });
  holds<Same<typeof end, () => void>>();
  datafeedStreams().subscribe("quotes", { symbols: ["AAPL"], fastSymbols: [] }, { update: ({ v }) => v.lp ?? 0 });
  new StreamSocket<DatafeedStreams>(() => "ws://127.0.0.1:8002/", { states: ["bars"] });
}

export function refused(): void {
  // @ts-expect-error no such stream
  brokerStreams().subscribe("order", ME, { update() {} });
  // @ts-expect-error another module's stream
  brokerStreams().subscribe("bars", ME, { update() {} });
  // @ts-expect-error the request is missing
  brokerStreams().subscribe("orders", { update() {} });
  // @ts-expect-error a misspelt field of the request
  brokerStreams().subscribe("orders", { account: "demo" }, { update() {} });
  // @ts-expect-error another stream's request
  datafeedStreams().subscribe("quotes", { symbol: "AAPL", resolution: "1D" }, { update() {} });
  // @ts-expect-error a resolution that does not exist
  datafeedStreams().subscribe("bars", { symbol: "AAPL", resolution: "2D" }, { update() {} });
  // @ts-expect-error another stream's payload
  brokerStreams().subscribe("orders", ME, { update: (position: BrokerStreams["positions"]["update"]) => position });
  // @ts-expect-error nobody listens
  brokerStreams().subscribe("orders", ME, { subscribed() {} });
  // @ts-expect-error a field that orders do not have
  brokerStreams().subscribe("orders", ME, { update: (order) => order.quantity });
  // @ts-expect-error a stream that does not exist
  new StreamSocket<DatafeedStreams>(() => "ws://127.0.0.1:8002/", { states: ["orders"] });
  // @ts-expect-error a map that is none of streams
  new StreamSocket<{ bars: Bar }>(() => "ws://127.0.0.1:8002/");
}

export const subscribe: ClientMessage = { type: "orders.subscribe", ref: "1", payload: ME };
// What StreamSocket sends to end a subscription, and after a silence.
export const unsubscribe: ClientMessage = { type: "orders.unsubscribe", payload: ME };
export const ping: ClientMessage = { type: "ping" };
// @ts-expect-error the payload is missing
export const empty: ClientMessage = { type: "orders.subscribe" };
// @ts-expect-error a client does not send updates
export const update: ClientMessage = { type: "orders.update", topic: "t", payload: ME };
// @ts-expect-error null where a value is required
export const bar: Bar = { time: 0, open: 1, high: 1, low: 1, close: null, volume: 0 };
