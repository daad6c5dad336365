import { OrderStatus, OrderType, ParentType, Side, StopType } from "@/plugins/broker";
import type { Brackets, PlacedOrder, Position, PreOrder } from "@/plugins/broker";
import { plain, price, quantity } from "./format";
import type { FieldLabels } from "./problems";

/** The protecting stops that a form offers, by the field of the API that holds the value. */
export type StopField = "stopLoss" | "trailingStopPips" | "guaranteedStop";

/** The exits of a position as they are typed; empty text is none. */
export interface BracketsDraft {
  takeProfit: string;
  stop: StopField | "";
  stopValue: string;
}

/** An order as it is typed. */
export interface OrderDraft extends BracketsDraft {
  side: Side;
  type: OrderType;
  qty: string;
  limitPrice: string;
  stopPrice: string;
}

export const FIELD_LABELS = {
  qty: "Quantity",
  limitPrice: "Limit price",
  stopPrice: "Stop price",
  takeProfit: "Take profit",
  stopLoss: "Stop loss",
  trailingStopPips: "Trailing stop",
  guaranteedStop: "Guaranteed stop",
} as const satisfies FieldLabels;

/** Return the fields that are on screen for a draft of an order. */
export function fieldsOf(draft: OrderDraft): readonly string[] {
  const prices = [needsLimit(draft.type) && "limitPrice", needsStop(draft.type) && "stopPrice"];
  return ["qty", ...prices.filter((name) => name !== false), ...exitFieldsOf(draft)];
}

/** Return the fields that are on screen for a draft of exits. */
export function exitFieldsOf(draft: BracketsDraft): readonly string[] {
  return draft.stop ? ["takeProfit", draft.stop] : ["takeProfit"];
}

export const STOP_FIELDS: readonly StopField[] = ["stopLoss", "trailingStopPips", "guaranteedStop"];

const TYPE_NAMES: Readonly<Record<OrderType, string>> = {
  [OrderType.MARKET]: "Market",
  [OrderType.LIMIT]: "Limit",
  [OrderType.STOP]: "Stop",
  [OrderType.STOP_LIMIT]: "Stop limit",
};

export const ORDER_TYPES = [OrderType.MARKET, OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT] as const;

export function typeName(type: OrderType): string {
  return TYPE_NAMES[type];
}

export function sideName(side: Side): string {
  return side === Side.BUY ? "Buy" : "Sell";
}

export function sideClass(side: Side): string {
  return side === Side.BUY ? "buy" : "sell";
}

export function needsLimit(type: OrderType): boolean {
  return type === OrderType.LIMIT || type === OrderType.STOP_LIMIT;
}

export function needsStop(type: OrderType): boolean {
  return type === OrderType.STOP || type === OrderType.STOP_LIMIT;
}

export function isWorking({ status }: PlacedOrder): boolean {
  return status === OrderStatus.WORKING || status === OrderStatus.PLACING || status === OrderStatus.INACTIVE;
}

/** Tell whether an order is the exit of a position: nothing but its price can change. */
export function isExit({ parentType }: PlacedOrder): boolean {
  return parentType === ParentType.POSITION;
}

/** Return an order in words, such as `Limit order to buy 10 AAPL`. */
export function describe(order: Pick<PlacedOrder, "type" | "side" | "qty" | "symbol">): string {
  const { type, side, qty, symbol } = order;
  return `${typeName(type)} order to ${sideName(side).toLowerCase()} ${quantity(qty)} ${symbol}`;
}

/** Return what became of an order. */
export function outcome(order: PlacedOrder): string {
  if (order.status === OrderStatus.FILLED) return `filled at ${price(order.avgPrice)}`;
  if (order.status === OrderStatus.CANCELED) return "cancelled";
  if (order.status === OrderStatus.REJECTED) return "rejected: the free margin does not allow it";
  return "working";
}

/** Return what closing a position at these prices would win or lose; undefined without a price. */
export function profit(
  position: Position,
  quote: { bid?: number | null; ask?: number | null } | undefined,
): number | undefined {
  const closing = position.side === Side.BUY ? quote?.bid : quote?.ask;
  return typeof closing === "number" ? (closing - position.avgPrice) * position.qty * position.side : undefined;
}

/** What a form holds that is not a request yet: by field, why. */
export type DraftProblems = Record<string, string>;

/**
 * Return the order that a draft asks for. What a service would not understand is left out and told
 * in `problems`; whether the values make sense is the broker's to say.
 */
export function toPreOrder(symbol: string, draft: OrderDraft): { order: PreOrder; problems: DraftProblems } {
  const problems: DraftProblems = {};
  const { side, type } = draft;
  const order: PreOrder = { symbol, side, type, qty: required("qty", draft.qty, problems) };
  if (needsLimit(type)) order.limitPrice = required("limitPrice", draft.limitPrice, problems);
  if (needsStop(type)) order.stopPrice = required("stopPrice", draft.stopPrice, problems);
  const exits = toBrackets(draft);
  return { order: { ...order, ...exits.brackets }, problems: { ...problems, ...exits.problems } };
}

/** Return the exits that a draft asks for; those not named are none. */
export function toBrackets(draft: BracketsDraft): { brackets: Brackets; problems: DraftProblems } {
  const problems: DraftProblems = {};
  const brackets: Brackets = {};
  if (draft.takeProfit.trim()) brackets.takeProfit = required("takeProfit", draft.takeProfit, problems);
  if (draft.stop) brackets[draft.stop] = required(draft.stop, draft.stopValue, problems);
  return { brackets, problems };
}

function required(name: string, text: string, problems: DraftProblems): number {
  const value = numberOf(text);
  if (value === undefined) problems[name] = "Enter a value.";
  else if (Number.isNaN(value)) problems[name] = "Enter a number, such as 10 or 460.25.";
  return value ?? Number.NaN;
}

/** Return the number that a text is; undefined if it is blank, NaN if it is no plain decimal. */
export function numberOf(text: string): number | undefined {
  const trimmed = text.trim();
  if (!trimmed) return undefined;
  return /^[-+]?(\d+(\.\d*)?|\.\d+)$/.test(trimmed) ? Number(trimmed) : Number.NaN;
}

export function newDraft(): OrderDraft {
  return { side: Side.BUY, type: OrderType.MARKET, qty: "1", limitPrice: "", stopPrice: "", ...noBrackets() };
}

export function noBrackets(): BracketsDraft {
  return { takeProfit: "", stop: "", stopValue: "" };
}

/** Return a working order as it can be edited. */
export function draftOf(order: PlacedOrder): OrderDraft {
  const { side, type } = order;
  const stop = STOP_FIELDS.find((field) => typeof order[field] === "number") ?? "";
  return {
    side,
    type,
    qty: plain(order.qty),
    limitPrice: plain(order.limitPrice),
    stopPrice: plain(order.stopPrice),
    takeProfit: plain(order.takeProfit),
    stop,
    stopValue: stop ? plain(order[stop]) : "",
  };
}

const STOP_FIELD_OF: Readonly<Record<StopType, StopField>> = {
  [StopType.STOP_LOSS]: "stopLoss",
  [StopType.TRAILING_STOP]: "trailingStopPips",
  [StopType.GUARANTEED_STOP]: "guaranteedStop",
};

/** Return the exits of a position as they can be edited: at most a take profit and one protecting stop. */
export function exitsOf(position: Position, orders: readonly PlacedOrder[]): BracketsDraft {
  const exits = orders.filter((order) => isExit(order) && order.parentId === position.id);
  const target = exits.find(({ type }) => type === OrderType.LIMIT);
  const stop = exits.find(({ type }) => type === OrderType.STOP);
  const field = typeof stop?.stopType === "number" ? STOP_FIELD_OF[stop.stopType] : "";
  const value = field === "trailingStopPips" ? stop?.trailingStopPips : stop?.stopPrice;
  return { takeProfit: plain(target?.limitPrice), stop: field, stopValue: plain(value) };
}
