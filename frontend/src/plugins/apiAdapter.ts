/**
 * The REST operations of the modules, as the page uses them. Only the files in this folder import
 * from `@/clients`, which is generated: run `make -C frontend generate-clients`.
 */
import type { BrokerApi } from "@/clients/trader-client-broker";
import type { DatafeedApi } from "@/clients/trader-client-datafeed";
import { ClientNotLoaded } from "./apiError";
import { baseUrl } from "./baseUrl";
import { createHttp } from "./http";
import { once } from "./once";

export { ApiError, ClientNotLoaded, type RefusedField } from "./apiError";
export { baseUrl } from "./baseUrl";
export { isCancelled, randomId } from "./http";
export type { BrokerApi, DatafeedApi };

/**
 * Return the operations of the broker, whose client is loaded with the first call. They throw
 * `ApiError`, or an error for which `isCancelled` is true.
 */
export const brokerApi = loadedOnce(async (): Promise<BrokerApi> => {
  const { BrokerApi } = await import("@/clients/trader-client-broker");
  return new BrokerApi({ basePath: baseUrl("broker") }, undefined, createHttp());
});

/** Return the operations of the datafeed, likewise. */
export const datafeedApi = loadedOnce(async (): Promise<DatafeedApi> => {
  const { DatafeedApi } = await import("@/clients/trader-client-datafeed");
  return new DatafeedApi({ basePath: baseUrl("datafeed") }, undefined, createHttp());
});

/** Return `load` so that it runs once; after a failure, such as a lost connection, once more. */
function loadedOnce<T>(load: () => Promise<T>): () => Promise<T> {
  return once((forget) =>
    load().catch((cause: unknown) => {
      forget();
      throw new ClientNotLoaded(cause);
    }),
  );
}
