/** The datafeed's vocabulary: the constants of its enums, and the types of its models. */
export { Resolution } from "@/clients/ws-types-datafeed";
export type {
  Bar,
  DatafeedConfiguration,
  GetBarsResponse,
  QuoteData,
  QuoteValues,
  SearchSymbolResultItem,
  SymbolInfo,
} from "@/clients/trader-client-datafeed";
export type { DatafeedStreams } from "@/clients/ws-types-datafeed";
