/** The streams of the modules: one WebSocket per module, open while something is subscribed. */
import type { BrokerStreams } from "@/clients/ws-types-broker";
import type { DatafeedStreams } from "@/clients/ws-types-datafeed";
import { socketUrl } from "./baseUrl";
import { once } from "./once";
import { StreamSocket } from "./streamSocket";

export { ApiError } from "./apiError";
export type { ConnectionState } from "./connection";
export { StreamSocket, type StreamHandlers, type Streams } from "./streamSocket";
export type { BrokerStreams, DatafeedStreams };

// Only the types of the generated constants are imported: their code stays out of a route that
// needs an address alone, and a changed address does not compile.
const BROKER: typeof import("@/clients/ws-types-broker").ADDRESS = "/api/v1/broker/ws";
const DATAFEED: typeof import("@/clients/ws-types-datafeed").ADDRESS = "/api/v1/datafeed/ws";

/** Return the streams of the broker: the same socket for every caller. */
export const brokerStreams = once(
  () => new StreamSocket<BrokerStreams>(() => socketUrl("broker", BROKER), { states: ["equity", "connection"] }),
);

/** Return the streams of the datafeed, likewise. */
export const datafeedStreams = once(
  () => new StreamSocket<DatafeedStreams>(() => socketUrl("datafeed", DATAFEED), { states: ["bars"] }),
);
