import axios, { AxiosError, isAxiosError, isCancel, type AxiosInstance, type InternalAxiosRequestConfig } from "axios";
import { ApiError, problemDetails, type RequestLabel } from "./apiError";
import { requireSignIn } from "./session";

const TIMEOUT_MS = 10_000;
const UNAUTHORIZED = 401;
const REQUEST_ID = "X-Request-ID";
const TRACE = "traceparent";

/**
 * Return the HTTP client for the REST client of a module. Every request gets an id and a time limit, and
 * can be cancelled with `{ signal }`. Every failure is thrown as an `ApiError`.
 */
export function createHttp(module: string): AxiosInstance {
  const http = axios.create({ timeout: TIMEOUT_MS });
  http.interceptors.request.use((config) => {
    const id = randomId();
    config.headers.set(REQUEST_ID, id);
    // https://www.w3.org/TR/trace-context/: the page is the first part of the trace, which has the same id.
    config.headers.set(TRACE, `00-${id}-${id.slice(0, 16)}-01`);
    return config;
  });
  http.interceptors.response.use(undefined, (error: unknown) => {
    const failure = toApiError(error, module);
    if (failure instanceof ApiError && failure.status === UNAUTHORIZED) requireSignIn(failure.message);
    return Promise.reject(failure);
  });
  return http;
}

/** Return whether an operation failed because its `signal` was aborted, which is not worth reporting. */
export function isCancelled(error: unknown): boolean {
  return isCancel(error);
}

/** Return a unique id. `crypto.randomUUID` would need a secure context, which a page served over HTTP is not. */
export function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** Return an `ApiError` for a failed request; a cancelled one, or a bug of the page, is returned as it is. */
function toApiError(error: unknown, module: string): unknown {
  if (!isAxiosError(error) || isCancel(error)) return error;
  const { response, config } = error;
  // Such as the page itself instead of JSON, which a server may respond with to an unknown path.
  if (response && response.status < 400) {
    const type = String(response.headers["content-type"] ?? "no content type");
    const detail = `The ${module} responded with ${type}, which its client cannot read.`;
    return new ApiError({ status: response.status, title: "Unexpected response", detail }, labelOf(config), error);
  }
  if (response) {
    const { status, statusText } = response;
    const detail = `The ${module} responded with ${status} ${statusText}`.trimEnd() + ".";
    const title = statusText || "Request failed";
    return new ApiError({ title, detail, ...problemDetails(response.data), status }, labelOf(config), error);
  }
  const timedOut = error.code === AxiosError.ECONNABORTED;
  const detail = timedOut
    ? `The ${module} has not responded within ${(config?.timeout ?? TIMEOUT_MS) / 1000} s.`
    : `The ${module} cannot be reached.`;
  const title = timedOut ? "Timeout" : "Service unreachable";
  return new ApiError({ status: 0, title, detail }, labelOf(config), error);
}

function labelOf(config: InternalAxiosRequestConfig | undefined): RequestLabel {
  const id = config?.headers.get(REQUEST_ID);
  return { id: typeof id === "string" ? id : undefined, method: config?.method?.toUpperCase(), url: config?.url };
}
