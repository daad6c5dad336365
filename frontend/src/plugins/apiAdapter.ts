/**
 * The REST operations of the modules, as the page uses them. Only the files in this folder import
 * from `@/clients`, which is generated: run `make -C frontend generate-clients`.
 */
import axios, { type AxiosInstance } from "axios";
import { BrokerApi } from "@/clients/trader-client-broker";
import { DatafeedApi } from "@/clients/trader-client-datafeed";
import { ApiError, toApiError } from "./apiError";

export { ApiError } from "./apiError";
export type { SearchSymbolResultItem, SymbolInfo } from "@/clients/trader-client-datafeed";

const TIMEOUT_MS = 10_000;

/**
 * Return the base URL of a module: `VITE_<MODULE>_URL`, or else "", which is where the page itself
 * comes from: Vite's dev server and a gateway pass the modules' paths on.
 */
export function baseUrl(module: string): string {
  return (import.meta.env[`VITE_${module.toUpperCase()}_URL`] ?? "").replace(/\/+$/, "");
}

/** Return the operations of the broker. They throw `ApiError`. */
export function createBrokerApi(): BrokerApi {
  return new BrokerApi({ basePath: baseUrl("broker") }, undefined, createHttp());
}

/** Return the operations of the datafeed. They throw `ApiError`. */
export function createDatafeedApi(): DatafeedApi {
  return new DatafeedApi({ basePath: baseUrl("datafeed") }, undefined, createHttp());
}

function createHttp(): AxiosInstance {
  const http = axios.create({ timeout: TIMEOUT_MS });
  http.interceptors.response.use(
    (response) => {
      const type = String(response.headers["content-type"] ?? "");
      // A server that knows no such path may answer with the page itself, and with success.
      if (response.status !== 204 && !/\bjson\b/.test(type)) {
        const detail = `${response.config.url ?? "The service"} answered with ${type || "no type"} instead of JSON`;
        throw new ApiError({ status: response.status, title: "Unexpected answer", detail });
      }
      return response;
    },
    (error: unknown) => Promise.reject(toApiError(error)),
  );
  return http;
}
