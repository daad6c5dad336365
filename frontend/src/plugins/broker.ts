/**
 * The broker's vocabulary: the constants of its enums, and the types of its models. The constants
 * are those of the WebSocket types, which bring no client into a route.
 */
export { ConnectionStatus, OrderStatus, OrderType, ParentType, Side, StopType } from "@/clients/ws-types-broker";
export type {
  AccountMetainfo,
  Brackets,
  Execution,
  LeverageInfo,
  OrderPreviewResult,
  PlacedOrder,
  PlaceOrderResult,
  Position,
  PreOrder,
} from "@/clients/trader-client-broker";
export type { BrokerConnectionStatus, BrokerStreams, EquityData } from "@/clients/ws-types-broker";
