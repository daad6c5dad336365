/** What the generated REST clients share: a call becomes a request, and the response a value. */
import axios, { AxiosError, AxiosHeaders, CanceledError, isAxiosError, type AxiosInstance, type AxiosRequestConfig } from "axios";
import type { AxiosResponse, AxiosResponseHeaders, InternalAxiosRequestConfig } from "axios";
import { warnOf } from "./clientNotices.js";

/** A secret, or a function that is called for every request, such as one that renews a token. */
type Secret<Input extends unknown[]> = string | ((...input: Input) => string | undefined | Promise<string | undefined>);
// What the runtime sets itself.
type Managed = "url" | "method" | "baseURL" | "data" | "adapter" | "responseType" | "transformRequest" | "transformResponse";

/** Options of a client, which apply to all of its calls. */
export interface ClientOptions {
  /** The address of the service, such as `http://broker-service:8001`; by default the one in its spec. */
  basePath?: string | undefined;
  /** Sent with every call, as `Authorization: Bearer ...`. */
  accessToken?: Secret<[]> | undefined;
  /** Sent with the operations that declare an API key; a function receives the name of the key. */
  apiKey?: Secret<[name: string]> | undefined;
  /** Sent with every call, unless there is an access token. */
  basic?: { username: string; password: string } | undefined;
  /** Sends the requests; its defaults and interceptors apply, except that the spec decides what a success is, not `validateStatus`. */
  axios?: AxiosInstance | undefined;
}

/** Options of one call: `signal`, `timeout` in milliseconds, `headers`, others of axios. With `validateStatus`, `data` may not have its type. */
export type RequestOptions = Omit<AxiosRequestConfig, Managed>;

type StatusOf<R, S> = [keyof R] extends [S] ? unknown : { status: S extends number ? S : number };
type ReplyOf<R, S = keyof R> = S extends keyof R ? AxiosResponse<R[S]> & StatusOf<R, S> : never;

/** The response to a call. If several statuses are a success, check `status` to narrow `data`. */
export type Reply<R> = Promise<ReplyOf<R>>;

// The statuses of ranges and of the default response, so that `status` narrows the type beside other responses.
type ClientError = 400 | 401 | 402 | 403 | 404 | 405 | 406 | 407 | 408 | 409 | 410 | 411 | 412 | 413 | 414 | 415 | 416 | 417 | 418 | 421 | 422 | 423 | 424 | 425 | 426 | 428 | 429 | 431 | 451;
type ServerError = 500 | 501 | 502 | 503 | 504 | 505 | 506 | 507 | 508 | 510 | 511;
type Range<S> = S extends "4XX" ? ClientError : S extends "5XX" ? ServerError : ClientError | ServerError;

/** A response with an error that the spec declares; check `status` to narrow `data`. */
export type Failure<E> = { [S in keyof E]: { status: S extends number ? S : Exclude<Range<S>, keyof E>; data: E[S] } }[keyof E];

/** A server-sent event: its lines, its type, and the last id that the stream has sent, or "" without one. */
export interface ServerSentEvent {
  data: string;
  event: string;
  id: string;
  /** How many milliseconds to wait before connecting again. */
  retry?: number;
}

/** How a response is read: "none" has no content, and "mixed" is read by its content type. */
type Kind = "json" | "text" | "bytes" | "none" | "mixed" | "events" | "eventData" | "lines";
type Values = Record<string, unknown>;
type Bytes = ArrayBuffer | Uint8Array<ArrayBuffer>;

/** The description of a call, which generated code writes. */
export interface Call {
  method: string;
  path: string;
  /** The values by the names of the parameters. */
  pathValues?: Values; query?: Values; headerValues?: Values; cookieValues?: Values;
  /** For parameters that are written in another way than FastAPI's own: a separator, "deepObject", "members" or "json". A list that cannot be empty is "filled". */
  styles?: Record<string, string>;
  body?: { mediaType: string; value: unknown; styles?: Record<string, string> };
  accept?: string;
  apiKeys?: { in: string; name: string }[];
  replies: Record<string, Kind>;
  errors: Record<string, Kind>;
}

const JSON_TYPE = /^application\/([\w.+-]+\+)?json\s*(;|$)/i;
const EVENT_TYPE = /^text\/event-stream/i;
const EXPECTED: Partial<Record<Kind, RegExp>> = { json: JSON_TYPE, events: EVENT_TYPE, eventData: EVENT_TYPE, lines: /^application\/[\w.+-]*(json|lines)/i };
// RFC 9110, section 5.5, and RFC 6265, section 4.1.1, with spaces and commas, which services read.
const HEADER_TEXT = /^[\t\x20-\x7e\x80-\xff]*$/;
const COOKIE_TEXT = /^[\x20\x21\x23-\x3a\x3c-\x5b\x5d-\x7e]*$/;
// A browser sends its own cookies, and joins the values of a repeated header.
const IN_BROWSER: boolean = "document" in globalThis || "WorkerGlobalScope" in globalThis;
const declaredErrors = new WeakSet<AxiosError>();

/** Return the response that a call failed with, or undefined if the spec does not declare it: `failureOf<BrokerOperations["getOrder"]>(error)`. */
export function failureOf<Operation extends { errors: object }>(error: unknown): Failure<Operation["errors"]> | undefined {
  if (!isAxiosError(error) || !error.response || !declaredErrors.has(error)) return undefined;
  return error.response as unknown as Failure<Operation["errors"]>;
}

/** Sends the calls of one module; the methods of the generated clients use it. `server` is the address in the spec, and `spec` its version. */
export class ServiceClient {
  readonly #http: AxiosInstance;
  readonly #base: string;
  readonly #options: ClientOptions;
  readonly #spec: string;
  constructor(server: string, options: ClientOptions, spec = "") {
    this.#spec = spec;
    this.#http = options.axios ?? axios;
    this.#base = (options.basePath ?? this.#http.defaults.baseURL ?? server).replace(/\/+$/, "");
    this.#options = options;
  }

  /** Send the call, and return its response. `timeout` limits the wait for credentials, and then the request. */
  async call<R>(call: Call, options: RequestOptions = {}): Reply<R> {
    return (await this.#send(call, options, {})) as ReplyOf<R>;
  }

  /** Send the call when iteration begins, and yield its events or lines. `timeout` limits the time until the response begins. Ending the iteration closes the connection. */
  async *stream<T>(call: Call, options: RequestOptions = {}): AsyncGenerator<T, void, undefined> {
    const limit = limitOf(this.#http.defaults.timeout, options);
    const config = { timeout: 0, signal: limit.signal, adapter: fetchStream, responseType: "stream" } as const;
    try {
      const response = await this.#send(call, options, config).finally(limit.stopTimer);
      for await (const item of response.data ? itemsOf<T>(call, response, limit.signal) : []) {
        limit.signal.throwIfAborted();
        yield item;
      }
    } catch (error) {
      throw limit.signal.aborted ? limit.signal.reason : error;
    } finally {
      limit.end();
    }
  }

  async #send(call: Call, { headers, ...options }: RequestOptions, more: AxiosRequestConfig): Promise<AxiosResponse> {
    const limit = limitOf(this.#http.defaults.timeout, { ...options, ...more });
    const credentials = Promise.all([withApiKeys(call, this.#options), authorizationOf(this.#options)]);
    const [signed, authorization] = await Promise.race([credentials, limit.reached]).finally(limit.end);
    const query = encode(pairsOf(signed.query, call.styles));
    const sent = headersOf(signed);
    if (authorization !== undefined) sent.set("Authorization", authorization, false);
    for (const [name, value] of Object.entries(headers ?? {})) if (value !== undefined) sent.set(name, value as string);
    const config: AxiosRequestConfig = {
      responseType: "arraybuffer",
      // The types hold only if the spec decides, not the axios instance; a declared redirect or 304 is a success.
      validateStatus: (status) => Math.floor(status / 100) === 2 || (status < 400 && lookUp(call.replies, status) !== undefined),
      ...options,
      method: call.method,
      url: this.#base + pathOf(call) + (query && `?${query}`),
      headers: sent,
      data: await dataOf(call),
      transformRequest: (data: unknown) => data,
      transformResponse: readerOf(call, (headers) => warnOf(headers, call, this.#base, this.#spec)),
      ...more,
    };
    return this.#http.request(config).catch((error: unknown) => {
      if (isDeclared(error, call)) declaredErrors.add(error);
      throw error;
    });
  }
}

/** Return a signal that is aborted with `signal`, and after `timeout` milliseconds unless the timer is stopped. */
function limitOf(byDefault = 0, { timeout = byDefault, signal }: RequestOptions) {
  const controller = new AbortController();
  const expired = new AxiosError(`timeout of ${timeout}ms exceeded`, AxiosError.ECONNABORTED);
  const timer = timeout > 0 ? setTimeout(() => controller.abort(expired), timeout) : undefined;
  const reached = new Promise<never>((_, reject) => controller.signal.addEventListener("abort", () => reject(controller.signal.reason as Error)));
  reached.catch(() => undefined);
  const cancel = () => controller.abort(new CanceledError());
  signal?.addEventListener?.("abort", cancel);
  if (signal?.aborted) cancel();
  const end = () => {
    clearTimeout(timer);
    signal?.removeEventListener?.("abort", cancel);
    controller.abort();
  };
  return { signal: controller.signal, reached, stopTimer: () => clearTimeout(timer), end };
}

/** Return what a mapping by status has for `status`, for its range such as "4XX", or by default. */
const lookUp = (kinds: Call["replies"], status: number) => kinds[status] ?? kinds[`${Math.floor(status / 100)}XX`] ?? kinds["default"];
/** Return how to read a success; one with a status that the spec does not declare is read like the lowest one. */
const kindOf = ({ replies }: Call, status: number): Kind => lookUp(replies, status) ?? Object.values(replies)[0] ?? "mixed";

/** Whether the spec declares the response with this error: a gateway's HTML is not the service's JSON. */
function isDeclared(error: unknown, call: Call): error is AxiosError {
  if (!isAxiosError(error) || !error.response) return false;
  const kind = lookUp(call.errors, error.response.status);
  return kind !== undefined && (kind !== "json" || JSON_TYPE.test(contentType(error.response.headers as AxiosResponseHeaders)));
}

async function withApiKeys(call: Call, { apiKey }: ClientOptions): Promise<Call> {
  const result = { ...call };
  for (const { in: where, name } of apiKey === undefined ? [] : (call.apiKeys ?? [])) {
    const value = typeof apiKey === "function" ? await apiKey(name) : apiKey;
    const part = where === "query" ? "query" : where === "cookie" ? "cookieValues" : "headerValues";
    if (value !== undefined && valueOf(result[part], name) === undefined) result[part] = { ...result[part], [name]: value };
  }
  return result;
}

async function authorizationOf({ accessToken, basic }: ClientOptions): Promise<string | undefined> {
  const token = typeof accessToken === "function" ? await accessToken() : accessToken;
  if (token !== undefined) return `Bearer ${token}`;
  return basic && `Basic ${btoa(String.fromCharCode(...new TextEncoder().encode(`${basic.username}:${basic.password}`)))}`;
}

/** Return the path with its values. A URL with a segment "." or ".." leads to another path, however it is written. */
function pathOf({ path, pathValues, styles }: Call): string {
  const filled = path.replace(/\{([^}]+)\}/g, (_, name: string) => {
    const value = valueOf(pathValues, name);
    const text = (Array.isArray(value) ? value : [value]).map((item) => encodeURIComponent(textOf(item, name, styles))).join(",");
    if (text === "") throw new TypeError(`The path parameter ${name} is empty: ${path}`);
    return text;
  });
  const relative = filled.split("/").find((segment) => segment === "." || segment === "..");
  if (relative !== undefined) throw new TypeError(`A path cannot have the segment "${relative}": ${path}`);
  return filled;
}

/** Return what a mapping has for `name`: every object has a `constructor`, which is not meant. */
const valueOf = <T>(mapping: Record<string, T> = {}, name: string): T | undefined => (Object.hasOwn(mapping, name) ? mapping[name] : undefined);

/** Return the text that stands for one value in a path, a query, a header, a cookie or a form. */
function textOf(value: unknown, name: string, styles?: Record<string, string>): string {
  if (value === undefined || value === null) throw new TypeError(`The value of ${name} is missing`);
  return valueOf(styles, name) === "json" || typeof value === "object" ? jsonOf(value) : String(value);
}

/** Return JSON; NaN and infinity, which JSON does not have, would silently become null. */
function jsonOf(value: unknown): string {
  return JSON.stringify(value, (key, part: unknown) => {
    if (typeof part !== "number" || Number.isFinite(part)) return part;
    throw new TypeError(`JSON has no ${part}${key && `, the value of ${key}`}`);
  });
}

/** Return names and values, without values that were not given; a list gives one pair for each item. */
function pairsOf(values: Values = {}, styles?: Record<string, string>): [string, string][] {
  return Object.entries(values).flatMap(([name, value]): [string, string][] => {
    if (value === undefined || value === null) return [];
    const style = valueOf(styles, name);
    if (style === "members") return pairsOf(value as Values);
    if (style === "deepObject") return Object.entries(value as Values).flatMap(([key, member]) => pairsOf({ [`${name}[${key}]`]: member }));
    if (!Array.isArray(value) || style === "json") return [[name, textOf(value, name, styles)]];
    // Without values, the service would apply its default, such as no filter at all.
    if (style !== undefined && value.length === 0) throw new TypeError(`The list ${name} is empty, which cannot be sent; leave it out for the default of the service`);
    const items = value.map((item: unknown) => textOf(item, name, styles));
    return style === undefined || style === "filled" ? items.map((item) => [name, item]) : [[name, items.join(style)]];
  });
}

function headersOf({ headerValues, cookieValues, styles, body, accept }: Call): AxiosHeaders {
  const headers = new AxiosHeaders();
  if (accept !== undefined) headers.set("Accept", accept);
  // axios would add a type of its own; for a multipart form it adds the boundary.
  if (!body || body.value === undefined) headers.set("Content-Type", false);
  else if (!isMultipart(body.mediaType)) headers.set("Content-Type", body.mediaType);
  for (const [name, value] of Object.entries(headerValues ?? {})) {
    const values = pairsOf({ [name]: value }, styles).map(([, text]) => checkText(text, `header ${name}`, HEADER_TEXT));
    if (values.length > 1 && IN_BROWSER) throw new TypeError(`A browser cannot send several values of the header ${name}`);
    if (values.length) headers.set(name, values.length > 1 ? values : values[0]);
  }
  const cookies = pairsOf(cookieValues, styles).map(([name, text]) => `${name}=${checkText(text, `cookie ${name}`, COOKIE_TEXT)}`);
  if (cookies.length && IN_BROWSER) throw new TypeError(`A browser sends only its own cookies; leave out: ${cookies.join(", ")}`);
  if (cookies.length) headers.set("Cookie", cookies.join("; "));
  return headers;
}

/** Return `text`; throw if it cannot be sent in this part of a request. */
function checkText(text: string, part: string, allowed: RegExp): string {
  if (allowed.test(text) && text === text.trim()) return text;
  throw new TypeError(`The ${part} cannot contain ${JSON.stringify(text)}`);
}

/** Return the data of the request: undefined if the body was left out. */
async function dataOf({ body, method }: Call): Promise<unknown> {
  if (!body || body.value === undefined) return undefined;
  if (IN_BROWSER && /^(GET|HEAD)$/.test(method)) throw new TypeError(`A browser cannot send a body with ${method}`);
  const { mediaType, value, styles } = body;
  if (JSON_TYPE.test(mediaType)) return jsonOf(value);
  if (/^application\/x-www-form-urlencoded/i.test(mediaType)) return encode(pairsOf(value as Values, styles));
  if (isMultipart(mediaType)) return formData(value as Values, styles);
  // In Node, axios would send the content type of a Blob, and accepts no Uint8Array.
  return typeof value === "string" || IN_BROWSER ? value : new Blob([value as Blob | Bytes]).arrayBuffer();
}

function formData(values: Values, styles?: Record<string, string>): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(values)) {
    for (const item of Array.isArray(value) && value.length ? (value as unknown[]) : [value]) {
      if (item instanceof Blob) form.append(name, item);
      else for (const [, text] of pairsOf({ [name]: item }, styles)) form.append(name, text);
    }
  }
  return form;
}

/** Return the function that turns the bytes of a response into what the spec declares. */
function readerOf(call: Call, notice: (headers: AxiosResponseHeaders) => void) {
  return function (this: InternalAxiosRequestConfig, data: unknown, headers: AxiosResponseHeaders, status = 0): unknown {
    notice(headers);
    const type = contentType(headers);
    if (status >= 400) return readError(data, type);
    const kind = kindOf(call, status);
    if (call.method === "HEAD" || kind === "none" || [204, 205, 304].includes(status)) return undefined;
    try {
      return readReply(data, kind, type);
    } catch (cause) {
      throw responseError(call, { data, status, statusText: "", headers, config: this }, cause as Error);
    }
  };
}

/** Return the error of a response that cannot be read to its end, with its operation and its status. */
function responseError({ method, path }: Call, response: AxiosResponse, cause: Error): AxiosError {
  const message = `${method} ${path}, status ${response.status}: ${cause.message}`;
  return Object.assign(new AxiosError(message, AxiosError.ERR_BAD_RESPONSE, response.config, undefined, response), { cause });
}

/** Return the value of a JSON text; the error has the beginning of the text, which is more than its position. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SyntaxError(`The response has no valid JSON: ${JSON.stringify(text.slice(0, 100))}`);
  }
}

function readReply(data: unknown, kind: Kind, type: string): unknown {
  if (type && EXPECTED[kind]?.test(type) === false) throw new TypeError(`The response is ${type} instead of ${kind === "json" ? "JSON" : "a stream"}`);
  if (!isBytes(data)) return data;
  if (kind === "json" || (kind === "mixed" && JSON_TYPE.test(type))) return parseJson(decode(data, type));
  // Of text, a byte order mark is a part: a spreadsheet needs that of its CSV file.
  return kind === "text" || (kind === "mixed" && /^text\//i.test(type)) ? decode(data, type, true) : new Blob([data], { type });
}

/** Read the response of an error, which may come from a gateway, as what it is. */
function readError(data: unknown, type: string): unknown {
  if (isBytes(data) && data.byteLength === 0) return undefined;
  try {
    return readReply(data, "mixed", type);
  } catch (error) {
    // The text is not JSON, or its charset is not known.
    return error instanceof SyntaxError ? decode(data as Bytes, type) : new Blob([data as Bytes], { type });
  }
}

const encode = (pairs: [string, string][]): string => pairs.map((pair) => pair.map(encodeURIComponent).join("=")).join("&");
const isMultipart = (mediaType: string): boolean => /^multipart\/form-data/i.test(mediaType);
const contentType = (headers: AxiosResponseHeaders): string => String(headers["content-type"] ?? "");
const isBytes = (data: unknown): data is Bytes => data instanceof ArrayBuffer || ArrayBuffer.isView(data);
const charsetOf = (type: string): string | undefined => /;\s*charset="?([^\s;"]+)/i.exec(type)?.[1];
const decode = (data: Bytes, type: string, ignoreBOM = false): string => new TextDecoder(charsetOf(type), { ignoreBOM }).decode(data);

/** Send a request with fetch, which streams in browsers too; the content of an error is read whole. */
async function fetchStream(config: InternalAxiosRequestConfig): Promise<AxiosResponse> {
  return axios.getAdapter("fetch")(config).catch(async (error: unknown) => {
    if (isAxiosError(error) && error.response) error.response.data = await new Response(error.response.data as ReadableStream).arrayBuffer();
    throw error;
  });
}

/** Yield what the events or lines of a stream contain. */
async function* itemsOf<T>(call: Call, response: AxiosResponse, signal: AbortSignal): AsyncGenerator<T> {
  const kind = kindOf(call, response.status);
  try {
    const stream = (response.data as ReadableStream<Uint8Array>).pipeThrough(new TransformStream(), { signal });
    if (kind === "lines") {
      for await (const line of linesOf(stream, /\n/)) if (line.trim()) yield parseJson(line) as T;
    } else {
      for await (const event of eventsOf(stream)) yield (kind === "events" ? event : parseJson(event.data)) as T;
    }
  } catch (cause) {
    throw responseError(call, response, cause as Error);
  }
}

/** Yield the lines of a stream; `end` matches the end of a line that is complete. */
async function* linesOf(stream: ReadableStream<Uint8Array>, end: RegExp): AsyncGenerator<string> {
  const [reader, decoder] = [stream.getReader(), new TextDecoder()];
  let pending: string[] = [];
  for (let done = false; !done; ) {
    const chunk = await reader.read();
    done = chunk.done;
    const text = decoder.decode(chunk.value, { stream: !done });
    const before = pending.at(-1)?.at(-1) ?? "";
    if (text) pending.push(text);
    // Joined only now: a long line in many chunks would be copied with each of them.
    if (!done && !end.test(before + text)) continue;
    const lines = pending.join("").split(end);
    pending = [lines.pop() ?? ""];
    yield* lines;
  }
  if (pending[0]) yield pending[0].replace(/\r$/, "");
}

/** Yield the events of a stream as the HTML standard interprets it: an id holds for the following events, too. */
async function* eventsOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<ServerSentEvent> {
  let [id, data, event, retry]: [string, string[], string, number | undefined] = ["", [], "", undefined];
  // A carriage return at the end of a chunk may be the first half of a line break.
  for await (const line of linesOf(stream, /\r\n|\n|\r(?!$)/)) {
    const [, name = "", text = ""] = /^([^:]*):? ?([^]*)$/.exec(line) ?? [];
    if (line === "") {
      if (data.length) yield { data: data.join("\n"), event: event || "message", id, ...(retry !== undefined && { retry }) };
      [data, event, retry] = [[], "", undefined];
    } else if (name === "data") data.push(text);
    else if (name === "event") event = text;
    else if (name === "id" && !text.includes("\0")) id = text;
    else if (name === "retry" && /^\d+$/.test(text)) retry = Number(text);
  }
}
