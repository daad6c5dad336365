/**
 * The REST operations of the modules. Only this folder imports from the generated `@/clients`, which
 * `make -C frontend generate-clients` writes.
 */
import type { BrokerApi } from "@/clients/trader-client-broker";
import type { DatafeedApi } from "@/clients/trader-client-datafeed";
import { ClientNotLoaded } from "./apiError";
import { baseUrl } from "./baseUrl";
import { createHttp } from "./http";
import { accessToken } from "./session";

export { ApiError, ClientNotLoaded, type ProblemField } from "./apiError";
export { baseUrl } from "./baseUrl";
export { isCancelled, randomId } from "./http";
export type { BrokerApi, DatafeedApi };

/**
 * Return the operations of the broker; the first call loads its client. An operation throws an `ApiError`,
 * or an error for which `isCancelled` is true.
 */
export const brokerApi = loadOnce(async (): Promise<BrokerApi> => {
  const { BrokerApi } = await import("@/clients/trader-client-broker");
  return new BrokerApi({ basePath: baseUrl("broker"), axios: createHttp("broker"), accessToken });
});

/** Return the operations of the datafeed, in the same way. */
export const datafeedApi = loadOnce(async (): Promise<DatafeedApi> => {
  const { DatafeedApi } = await import("@/clients/trader-client-datafeed");
  return new DatafeedApi({ basePath: baseUrl("datafeed"), axios: createHttp("datafeed"), accessToken });
});

/** Return a function that calls `load` once, and again only after a failure, such as a lost connection. */
function loadOnce<T>(load: () => Promise<T>): () => Promise<T> {
  let loaded: Promise<T> | undefined;
  return () =>
    (loaded ??= load().catch((cause: unknown) => {
      loaded = undefined;
      throw new ClientNotLoaded(cause);
    }));
}
