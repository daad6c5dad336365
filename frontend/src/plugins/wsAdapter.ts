/** The streams of the modules: one WebSocket per module, open while something is subscribed. */
export { ApiError } from "./apiError";
export { brokerStreams, type BrokerStreams } from "./broker";
export type { ConnectionState } from "./connection";
export { datafeedStreams, type DatafeedStreams } from "./datafeed";
export { StreamSocket, type StreamHandlers, type Streams } from "./streamSocket";
