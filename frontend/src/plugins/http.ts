import axios, { isAxiosError, isCancel, type AxiosInstance, type InternalAxiosRequestConfig } from "axios";
import { ApiError, errorOf, type ApiProblem } from "./apiError";

const TIMEOUT_MS = 10_000;
const REQUEST_ID = "X-Request-ID";

/**
 * Return the HTTP client that the REST clients of all modules use: it gives every request an id and
 * a time limit, and throws `ApiError` for whatever fails. A request is cancelled by `{ signal }`.
 */
export function createHttp(): AxiosInstance {
  const http = axios.create({ timeout: TIMEOUT_MS });
  http.interceptors.request.use((config) => {
    config.headers.set(REQUEST_ID, randomId());
    return config;
  });
  http.interceptors.response.use(
    (response) => {
      const type = String(response.headers["content-type"] ?? "");
      // A server that knows no such path may answer with the page itself, and with success.
      if (response.status !== 204 && !/\bjson\b/.test(type)) {
        const detail = `${response.config.url ?? "The service"} answered with ${type || "no type"} instead of JSON`;
        throw new ApiError({
          ...sent(response.config),
          status: response.status,
          title: "Unexpected answer",
          detail,
        });
      }
      return response;
    },
    (error: unknown) => Promise.reject(toApiError(error)),
  );
  return http;
}

/** Tell whether an operation failed because its `signal` was aborted: nothing to tell the user. */
export function isCancelled(error: unknown): boolean {
  return isCancel(error);
}

/** Return an id that nothing else has. `crypto.randomUUID` exists only where the page is a secure context. */
export function randomId(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte, index) => {
    // The version (4) and the variant of RFC 9562.
    const value = index === 6 ? (byte & 0x0f) | 0x40 : index === 8 ? (byte & 0x3f) | 0x80 : byte;
    return value.toString(16).padStart(2, "0");
  }).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** A cancelled request and a defect of the page stay what they are. */
function toApiError(error: unknown): unknown {
  if (!isAxiosError(error) || isCancel(error)) return error;
  const { response, config } = error;
  const request = { ...sent(config), cause: error };
  if (!response) {
    const detail = `No answer from ${config?.url ?? "the service"}: ${error.message}`;
    return new ApiError({ ...request, status: 0, title: "Service unreachable", detail });
  }
  const title = response.statusText || "Request failed";
  return errorOf(response.data, { ...request, status: response.status, title });
}

function sent(config: InternalAxiosRequestConfig | undefined): Pick<ApiProblem, "requestId" | "method" | "url"> {
  const id = config?.headers.get(REQUEST_ID);
  return {
    requestId: typeof id === "string" ? id : undefined,
    method: config?.method?.toUpperCase(),
    url: config?.url,
  };
}
