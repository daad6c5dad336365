/** The REST client and the WebSocket types of a module must have one vocabulary. Compiled, never run. */
import * as broker from "@/clients/trader-client-broker";
import * as datafeed from "@/clients/trader-client-datafeed";
import * as brokerStreams from "@/clients/ws-types-broker";
import * as datafeedStreams from "@/clients/ws-types-datafeed";
import * as brokerPlugin from "@/plugins/broker";
import * as datafeedPlugin from "@/plugins/datafeed";
import { holds, type Same } from "./holds";

holds<Same<typeof broker.OrderStatus, typeof brokerStreams.OrderStatus>>();
holds<Same<typeof broker.OrderType, typeof brokerStreams.OrderType>>();
holds<Same<typeof broker.ParentType, typeof brokerStreams.ParentType>>();
holds<Same<typeof broker.Side, typeof brokerStreams.Side>>();
holds<Same<typeof broker.StopType, typeof brokerStreams.StopType>>();
holds<Same<typeof datafeed.Resolution, typeof datafeedStreams.Resolution>>();

holds<Same<typeof brokerPlugin.OrderStatus, typeof broker.OrderStatus>>();
holds<Same<typeof brokerPlugin.OrderType, typeof broker.OrderType>>();
holds<Same<typeof brokerPlugin.ParentType, typeof broker.ParentType>>();
holds<Same<typeof brokerPlugin.Side, typeof broker.Side>>();
holds<Same<typeof brokerPlugin.StopType, typeof broker.StopType>>();
holds<Same<typeof datafeedPlugin.Resolution, typeof datafeed.Resolution>>();

holds<Same<broker.PlacedOrder, brokerStreams.PlacedOrder>>();
holds<Same<broker.Position, brokerStreams.Position>>();
holds<Same<broker.Execution, brokerStreams.Execution>>();
holds<Same<broker.Problem, brokerStreams.Problem>>();
holds<Same<datafeed.Bar, datafeedStreams.Bar>>();
holds<Same<datafeed.QuoteData, datafeedStreams.QuoteData>>();

// @ts-expect-error so that `Same` itself can fail
holds<Same<broker.PlacedOrder, brokerStreams.Position>>();
// @ts-expect-error also for a field that only becomes optional
holds<Same<broker.PlacedOrder, Omit<brokerStreams.PlacedOrder, "qty"> & { qty?: number }>>();
