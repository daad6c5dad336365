/** The datafeed's models, the constants of its enums, and its streams. */
import { ADDRESS, STREAMS, type DatafeedStreams } from "@/clients/ws-types-datafeed";
import { socketUrl } from "./baseUrl";
import { StreamSocket } from "./streamSocket";

export { Resolution } from "@/clients/ws-types-datafeed";
export type { Bar, QuoteValues, SearchSymbolResultItem, SymbolInfo } from "@/clients/trader-client-datafeed";
export type { DatafeedStreams } from "@/clients/ws-types-datafeed";

let streams: StreamSocket<DatafeedStreams> | undefined;

/** Return the streams of the datafeed, which share one socket. */
export function datafeedStreams(): StreamSocket<DatafeedStreams> {
  return (streams ??= new StreamSocket(() => socketUrl("datafeed", ADDRESS), STREAMS));
}
