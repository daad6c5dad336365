/** What the WebSocket types must accept and reject. `npm run type-check` compiles this file; nothing runs it. */
import { expectTypeOf } from "vitest";
import type * as rest from "@/clients/trader-client-broker";
import type * as restDatafeed from "@/clients/trader-client-datafeed";
import type { ClientMessage, Execution, PlacedOrder, Position, Problem, ServerMessage } from "@/clients/ws-types-broker";
import type { Bar, BarsSubscription, QuoteData } from "@/clients/ws-types-datafeed";
import { brokerStreams, datafeedStreams, type BrokerStreams, type DatafeedStreams } from "@/plugins/wsAdapter";
import { StreamSocket } from "@/plugins/streamSocket";

const ME = { accountId: "demo" };

// A model has the same type from the REST client and from the WebSocket.
expectTypeOf<rest.PlacedOrder>().toEqualTypeOf<PlacedOrder>();
expectTypeOf<rest.Position>().toEqualTypeOf<Position>();
expectTypeOf<rest.Execution>().toEqualTypeOf<Execution>();
expectTypeOf<rest.Problem>().toEqualTypeOf<Problem>();
expectTypeOf<restDatafeed.Bar>().toEqualTypeOf<Bar>();
expectTypeOf<restDatafeed.QuoteData>().toEqualTypeOf<QuoteData>();

expectTypeOf<keyof BrokerStreams>().toEqualTypeOf<"orders" | "positions" | "executions" | "equity" | "connection">();
expectTypeOf<keyof DatafeedStreams>().toEqualTypeOf<"bars" | "quotes">();
expectTypeOf<DatafeedStreams["bars"]>().toEqualTypeOf<{ request: BarsSubscription; update: Bar }>();
expectTypeOf<BrokerStreams["executions"]["update"]["side"]>().toEqualTypeOf<1 | -1 | rest.Unrecognized<number>>();
expectTypeOf<BrokerStreams["orders"]["update"]["parentType"]>().toEqualTypeOf<1 | 2 | rest.Unrecognized<number> | null | undefined>();
expectTypeOf<Extract<ServerMessage, { type: "orders.update" }>["payload"]>().toEqualTypeOf<PlacedOrder>();

export function accept(): void {
  const unsubscribe = brokerStreams().subscribe("orders", ME, {
    update: (order) => expectTypeOf(order).toEqualTypeOf<PlacedOrder>(),
    subscribed() {},
    error: (error) => expectTypeOf(error.status).toEqualTypeOf<number>(),
  });
  expectTypeOf(unsubscribe).toEqualTypeOf<() => void>();
  datafeedStreams().subscribe("quotes", { symbols: ["AAPL"], fastSymbols: [] }, { update: ({ v }) => v.lp ?? 0 });
  new StreamSocket<DatafeedStreams>(() => "ws://127.0.0.1:8002/", {
    bars: { replayLast: true, resumable: false },
    quotes: { replayLast: false, resumable: false },
  });
}

export function reject(): void {
  // @ts-expect-error unknown stream
  brokerStreams().subscribe("order", ME, { update() {} });
  // @ts-expect-error a stream of another module
  brokerStreams().subscribe("bars", ME, { update() {} });
  // @ts-expect-error missing request
  brokerStreams().subscribe("orders", { update() {} });
  // @ts-expect-error misspelt field of the request
  brokerStreams().subscribe("orders", { account: "demo" }, { update() {} });
  // @ts-expect-error the request of another stream
  datafeedStreams().subscribe("quotes", { symbol: "AAPL", resolution: "1D" }, { update() {} });
  // @ts-expect-error unknown resolution
  datafeedStreams().subscribe("bars", { symbol: "AAPL", resolution: "2D" }, { update() {} });
  // @ts-expect-error the payload of another stream
  brokerStreams().subscribe("orders", ME, { update: (position: Position) => position });
  // @ts-expect-error missing handler for updates
  brokerStreams().subscribe("orders", ME, { subscribed() {} });
  // @ts-expect-error unknown field of an order
  brokerStreams().subscribe("orders", ME, { update: (order) => order.quantity });
  // @ts-expect-error a stream without an option
  new StreamSocket<DatafeedStreams>(() => "ws://127.0.0.1:8002/", { bars: { replayLast: true, resumable: false } });
  // @ts-expect-error not a map of streams
  new StreamSocket<{ bars: Bar }>(() => "ws://127.0.0.1:8002/", { bars: { replayLast: true, resumable: false } });
}

export const subscribe: ClientMessage = { type: "orders.subscribe", ref: "1", payload: ME };
export const unsubscribe: ClientMessage = { type: "orders.unsubscribe", payload: ME };
export const ping: ClientMessage = { type: "ping" };
// @ts-expect-error missing payload
export const empty: ClientMessage = { type: "orders.subscribe" };
// @ts-expect-error a message that only the service sends
export const update: ClientMessage = { type: "orders.update", topic: "t", payload: ME };
// @ts-expect-error null for a required value
export const bar: Bar = { time: 0, open: 1, high: 1, low: 1, close: null, volume: 0 };
