/** The broker's models, the constants of its enums, and its streams. */
import { ADDRESS, STREAMS, type BrokerStreams } from "@/clients/ws-types-broker";
import { socketUrl } from "./baseUrl";
import { StreamSocket } from "./streamSocket";

// The enums of the WebSocket types: those of the REST client would bring the whole client into a route.
export { ConnectionStatus, OrderStatus, OrderType, ParentType, Side, StopType } from "@/clients/ws-types-broker";
export type { AccountMetainfo, Brackets, Execution, OrderPreviewResult, PlacedOrder, Position, PreOrder } from "@/clients/trader-client-broker";
export type { BrokerConnectionStatus, BrokerStreams, EquityData } from "@/clients/ws-types-broker";

let streams: StreamSocket<BrokerStreams> | undefined;

/** Return the streams of the broker, which share one socket. */
export function brokerStreams(): StreamSocket<BrokerStreams> {
  return (streams ??= new StreamSocket(() => socketUrl("broker", ADDRESS), STREAMS));
}
