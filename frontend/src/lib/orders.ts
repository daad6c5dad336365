import { OrderStatus, OrderType, ParentType, Side, StopType } from "@/plugins/broker";
import type { Brackets, PlacedOrder, Position, PreOrder } from "@/plugins/broker";
import type { QuoteValues } from "@/plugins/datafeed";
import { cents, plain, price, quantity } from "./format";
import type { FieldLabels } from "./problems";

/** The protecting stops of a form, named by the API's field for the value. */
export type StopField = "stopLoss" | "trailingStopPips" | "guaranteedStop";

/** The exits of a position as typed; an empty text means none. */
export interface BracketsDraft {
  takeProfit: string;
  stop: StopField | "";
  stopValue: string;
}

/** An order as typed. */
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

/** Return the fields that a form shows for an order. */
export function fieldsOf(draft: OrderDraft): readonly string[] {
  const prices = [needsLimit(draft.type) && "limitPrice", needsStop(draft.type) && "stopPrice"];
  return ["qty", ...prices.filter((name) => name !== false), ...exitFieldsOf(draft)];
}

/** Return the fields that a form shows for exits. */
export function exitFieldsOf(draft: BracketsDraft): readonly string[] {
  return draft.stop ? ["takeProfit", draft.stop] : ["takeProfit"];
}

export const STOP_FIELDS: readonly StopField[] = ["stopLoss", "trailingStopPips", "guaranteedStop"];

export const TYPE_NAMES: Readonly<Record<OrderType, string>> = {
  [OrderType.MARKET]: "Market",
  [OrderType.LIMIT]: "Limit",
  [OrderType.STOP]: "Stop",
  [OrderType.STOP_LIMIT]: "Stop limit",
};

export const ORDER_TYPES = [OrderType.MARKET, OrderType.LIMIT, OrderType.STOP, OrderType.STOP_LIMIT] as const;

export function sideName(side: Side): string {
  if (side === Side.BUY) return "Buy";
  return side === Side.SELL ? "Sell" : `Side ${side}`;
}

/** Return the name of a type of orders; a newer broker may have others. */
export function typeName(type: OrderType): string {
  return TYPE_NAMES[type] ?? `Type ${type}`;
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

/** Return whether an order is the exit of a position, of which only the price can be changed. */
export function isExit({ parentType }: PlacedOrder): boolean {
  return parentType === ParentType.POSITION;
}

/** Describe an order, such as `Limit order to buy 10 AAPL`. */
export function describe(order: Pick<PlacedOrder, "type" | "side" | "qty" | "symbol">): string {
  const { type, side, qty, symbol } = order;
  return `${TYPE_NAMES[type]} order to ${sideName(side).toLowerCase()} ${quantity(qty)} ${symbol}`;
}

/** Describe the state of an order. */
export function outcome(order: PlacedOrder): string {
  if (order.status === OrderStatus.FILLED) return `filled at ${price(order.avgPrice)}`;
  if (order.status === OrderStatus.CANCELED) return "cancelled";
  if (order.status === OrderStatus.REJECTED) return "rejected: the free margin does not allow it";
  return "working";
}

/** Return the profit or loss of closing a position at a quote, rounded to cents; undefined without a price. */
export function profit({ side, qty, avgPrice }: Position, quote: QuoteValues | undefined): number | undefined {
  const price = side === Side.BUY ? quote?.bid : quote?.ask;
  return typeof price === "number" ? cents((price - avgPrice) * qty * side) : undefined;
}

/** Return `rows` with a new or changed `row`, or without it if it is not `open` any more. */
export function withRow<Row extends { id: string }>(rows: readonly Row[], row: Row, open: boolean): readonly Row[] {
  if (!open) return rows.filter(({ id }) => id !== row.id);
  if (!rows.some(({ id }) => id === row.id)) return [...rows, row];
  return rows.map((other) => (other.id === row.id ? row : other));
}

/** Return whether an order is the one that was placed with `request`: it has the same values. */
export function isPlacedBy(request: PreOrder, order: PlacedOrder): boolean {
  const values = Object.entries(request).filter(([, value]) => typeof value !== "object");
  return values.every(([name, value]) => order[name as keyof PlacedOrder] === value);
}

/** The fields of a form that are not valid numbers, with the reason. */
export type DraftProblems = Record<string, string>;

/** Return the order of a draft, and the fields that are not numbers. The broker checks the values. */
export function toPreOrder(symbol: string, draft: OrderDraft): { order: PreOrder; problems: DraftProblems } {
  const problems: DraftProblems = {};
  const { side, type } = draft;
  const order: PreOrder = { symbol, side, type, qty: required("qty", draft.qty, problems) };
  if (needsLimit(type)) order.limitPrice = required("limitPrice", draft.limitPrice, problems);
  if (needsStop(type)) order.stopPrice = required("stopPrice", draft.stopPrice, problems);
  const exits = toBrackets(draft);
  return { order: { ...order, ...exits.brackets }, problems: { ...problems, ...exits.problems } };
}

/** Return the exits of a draft, and the fields that are not numbers. */
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

/** Return a text as a number; undefined if it is blank, NaN if it is not a plain decimal. */
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

/** Return a working order as a draft to edit. */
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

/** Return the exits of a position as a draft to edit. */
export function exitsOf(position: Position, orders: readonly PlacedOrder[]): BracketsDraft {
  const exits = orders.filter((order) => isExit(order) && order.parentId === position.id);
  const target = exits.find(({ type }) => type === OrderType.LIMIT);
  const stop = exits.find(({ type }) => type === OrderType.STOP);
  const field = typeof stop?.stopType === "number" ? (STOP_FIELD_OF[stop.stopType] ?? "") : "";
  const value = field === "trailingStopPips" ? stop?.trailingStopPips : stop?.stopPrice;
  return { takeProfit: plain(target?.limitPrice), stop: field, stopValue: plain(value) };
}
