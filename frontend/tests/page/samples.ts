import { OrderStatus, OrderType, ParentType, Side, StopType, type PlacedOrder, type Position } from "@/plugins/broker";
import type { Bar, SymbolInfo } from "@/plugins/datafeed";
import * as api from "./doubles/apiAdapter";
import * as streams from "./doubles/wsAdapter";

export const account = {
  id: "demo",
  name: "Demo account",
  currency: "USD",
  balance: 100_000,
  equity: 100_000,
  unrealizedPL: 0,
  realizedPL: 0,
  marginUsed: 0,
};

export const limitOrder: PlacedOrder = {
  id: "O1",
  symbol: "AAPL",
  type: OrderType.LIMIT,
  side: Side.BUY,
  qty: 10,
  status: OrderStatus.WORKING,
  limitPrice: 50,
  version: 1,
};

export const position: Position = { id: "P1", symbol: "AAPL", qty: 10, side: Side.BUY, avgPrice: 70, version: 1 };

export const info = { name: "AAPL", description: "Apple Inc.", pricescale: 100, minmov: 1 } as SymbolInfo;

/** The exits of `position`. */
export const takeProfit: PlacedOrder = {
  ...limitOrder,
  id: "O2",
  side: Side.SELL,
  limitPrice: 90,
  parentId: position.id,
  parentType: ParentType.POSITION,
};
export const stopLoss: PlacedOrder = {
  ...takeProfit,
  id: "O3",
  type: OrderType.STOP,
  limitPrice: null,
  stopPrice: 60,
  stopType: StopType.STOP_LOSS,
};

/** A bar that starts at `time` (Unix milliseconds). */
export function bar(time: number, close = 10): Bar {
  return { time, open: 10, high: 12, low: 9, close, volume: 100 };
}

/** A promise that is settled when the test says so. */
export function pending<T>(): { promise: Promise<T>; resolve: (value: T) => void; reject: (error: Error) => void } {
  let [resolve, reject]: [(value: T) => void, (error: Error) => void] = [() => undefined, () => undefined];
  const promise = new Promise<T>((...settle) => ([resolve, reject] = settle));
  return { promise, resolve, reject };
}

/** Reset the doubles: the broker has an account without orders and positions, the datafeed runs in real time. */
export function resetDoubles(): void {
  for (const mock of [...Object.values(api.broker), ...Object.values(api.datafeed)]) mock.mockReset();
  streams.broker.reset();
  streams.datafeed.reset();
  api.broker.getAccount.mockResolvedValue({ data: account });
  for (const read of ["getOrders", "getPositions", "getExecutions"] as const) {
    api.broker[read].mockResolvedValue({ data: [] });
  }
  api.broker.previewOrder.mockResolvedValue({ data: { sections: [], warnings: [], errors: [], problems: [] } });
  api.datafeed.getServerTime.mockImplementation(() => Promise.resolve({ data: Math.floor(Date.now() / 1000) }));
}
