import { ApiError, problemDetails } from "./apiError";
import { Connection, type ConnectionState } from "./connection";
import { requireSignIn } from "./session";

/** The request and the update type of each stream of a module, such as the generated `BrokerStreams`. */
export type Streams<S> = { [K in keyof S]: { request: object; update: unknown } };

/** Which streams send their last update to a new subscriber, and which can be resumed, such as the generated `STREAMS`. */
export type StreamOptions<S> = { readonly [K in keyof S]: { readonly replayLast: boolean; readonly resumable: boolean } };

export interface StreamHandlers<Update> {
  update(payload: Update): void;
  /** Called when a subscription begins or begins anew: read the state again, because updates were missed. */
  subscribed?(): void;
  /** Called when a subscription continues after a reconnect; the updates that were missed follow. */
  resumed?(): void;
  /** Called when the subscription was rejected, which is retried after a reconnect, or has ended, which is retried soon. */
  error?(error: ApiError): void;
}

interface Subscription {
  stream: string;
  request: object;
  handlers: Set<StreamHandlers<unknown>>;
  /** The `ref` of the last `subscribe` message; responses to earlier ones are ignored. */
  ref: string | undefined;
  topic: string | undefined;
  /** The last update of a stream with `replayLast`. */
  latest: { payload: unknown } | undefined;
  /** The number of the last update of a stream that can be resumed. */
  sequence: number | undefined;
  /** Whether the last `subscribe` message asked for the updates after `sequence`. */
  resuming: boolean;
  /** How often the topic has ended since its last update. */
  ended: number;
  retry: ReturnType<typeof setTimeout> | undefined;
}

/** How long a socket without subscriptions stays open, so that it survives a change of route. */
const LINGER_MS = 1_000;
/** The status of a problem when the updates after a number are no longer available. */
const GONE = 410;
/** The statuses of a problem when the token is missing or not valid, or lacks a scope. */
const REJECTED: readonly number[] = [401, 403];

/**
 * The streams of one module over one WebSocket, which opens with the first subscription, reconnects,
 * and closes after the last subscription. Equal requests share one subscription.
 */
export class StreamSocket<S extends Streams<S>> {
  readonly #connection: Connection;
  readonly #options: StreamOptions<S>;
  readonly #subscriptions = new Map<string, Subscription>();
  #refs = 0;
  #linger: ReturnType<typeof setTimeout> | undefined;

  constructor(url: () => string, options: StreamOptions<S>) {
    this.#options = options;
    this.#connection = new Connection(url, {
      opened: () => this.#subscriptions.forEach((subscription) => this.#subscribe(subscription)),
      received: (text) => this.#received(text),
      wanted: () => this.#subscriptions.size > 0,
    });
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  /** Call `listener` with the state of the connection, now and after each change. */
  onState(listener: (state: ConnectionState) => void): () => void {
    return this.#connection.onState(listener);
  }

  /**
   * Follow `stream`. Returns a function that ends the subscription. The handlers are called neither
   * before `subscribe` has returned nor after the subscription has ended.
   */
  subscribe<K extends keyof S & string>(
    stream: K,
    request: S[K]["request"],
    handlers: StreamHandlers<S[K]["update"]>,
  ): () => void {
    clearTimeout(this.#linger);
    const key = stream + JSON.stringify(Object.entries(request).sort());
    const subscription = this.#subscriptions.get(key) ?? newSubscription(stream, request);
    this.#subscriptions.set(key, subscription);
    // A copy, so that the same handlers can be used twice.
    const own = { ...handlers } as StreamHandlers<unknown>;
    subscription.handlers.add(own);
    if (this.state !== "open") this.#connection.open();
    else if (subscription.ref === undefined) this.#subscribe(subscription);
    else queueMicrotask(() => this.#join(subscription, own));
    return () => this.#leave(key, subscription, own);
  }

  /** End every subscription and close the socket. */
  close(): void {
    clearTimeout(this.#linger);
    for (const { handlers, retry } of this.#subscriptions.values()) {
      handlers.clear();
      clearTimeout(retry);
    }
    this.#subscriptions.clear();
    this.#connection.close();
  }

  #subscribe(subscription: Subscription): void {
    clearTimeout(subscription.retry);
    subscription.ref = String((this.#refs += 1));
    subscription.topic = subscription.latest = undefined;
    const { stream, ref, request, sequence } = subscription;
    subscription.resuming = sequence !== undefined;
    const since = sequence === undefined ? {} : { since: sequence };
    this.#connection.send({ type: `${stream}.subscribe`, ref, payload: request, ...since });
  }

  /** Subscribe again after a topic has ended, with pauses that grow until there is an update. */
  #subscribeLater(subscription: Subscription): void {
    clearTimeout(subscription.retry);
    const retry = () => {
      // A reconnect or a new subscriber may have subscribed already.
      if (this.state === "open" && subscription.ref === undefined) this.#subscribe(subscription);
    };
    subscription.retry = setTimeout(retry, this.#connection.pause(subscription.ended));
    subscription.ended += 1;
  }

  /** Let `own` join a subscription that was sent before. */
  #join(subscription: Subscription, own: StreamHandlers<unknown>): void {
    // Without a topic yet, the service's response will reach all handlers.
    if (subscription.topic === undefined || this.state !== "open") return;
    const { latest } = subscription;
    call(subscription, own, () => own.subscribed?.());
    if (latest) call(subscription, own, () => own.update(latest.payload));
  }

  #leave(key: string, subscription: Subscription, own: StreamHandlers<unknown>): void {
    const { handlers, stream, ref, request } = subscription;
    if (!handlers.delete(own) || handlers.size > 0) return;
    this.#subscriptions.delete(key);
    clearTimeout(subscription.retry);
    if (ref !== undefined) this.#connection.send({ type: `${stream}.unsubscribe`, payload: request });
    if (this.#subscriptions.size > 0) return;
    this.#linger = setTimeout(() => this.#connection.close(), LINGER_MS);
  }

  #received(text: string): void {
    const { type, ref, topic, payload, sequence } = parse(text);
    if (typeof type !== "string") return warn(text);
    const verb = type.slice(type.lastIndexOf(".") + 1);
    if (verb === "error") return this.#failed(ref, topic, payload, text);
    if (!["subscribed", "unsubscribed", "update"].includes(verb)) return;
    if (typeof topic !== "string" || payload === undefined) return warn(text);
    if (verb === "subscribed") this.#subscribed(ref, topic, sequence);
    else if (verb === "update") this.#updated(topic, payload, sequence);
    // Two different requests had the same topic, and ending one has ended both.
    else this.#with("topic", topic).forEach((subscription) => this.#subscribe(subscription));
  }

  #subscribed(ref: unknown, topic: string, sequence: unknown): void {
    for (const subscription of this.#with("ref", ref)) {
      const { resuming } = subscription;
      subscription.topic = topic;
      this.#count(subscription, sequence);
      callAll(subscription, (handlers) => (resuming ? handlers.resumed?.() : handlers.subscribed?.()));
    }
  }

  #count(subscription: Subscription, sequence: unknown): void {
    const { resumable } = this.#options[subscription.stream as keyof S];
    if (resumable && typeof sequence === "number") subscription.sequence = sequence;
  }

  #updated(topic: string, payload: unknown, sequence: unknown): void {
    for (const subscription of this.#with("topic", topic)) {
      subscription.ended = 0;
      this.#count(subscription, sequence);
      if (this.#options[subscription.stream as keyof S].replayLast) subscription.latest = { payload };
      callAll(subscription, (handlers) => handlers.update(payload));
    }
  }

  /** Report a rejected message, which has a `ref`, or the end of a topic. */
  #failed(ref: unknown, topic: unknown, problem: unknown, text: string): void {
    if (typeof ref !== "string" && typeof topic !== "string") {
      const { status, detail = "" } = problemDetails(problem);
      // The service closes the connection after this.
      return REJECTED.includes(status ?? 0) ? requireSignIn(detail) : warn(text);
    }
    const subscriptions = typeof ref === "string" ? this.#with("ref", ref) : this.#with("topic", topic);
    for (const subscription of subscriptions) {
      const details = { status: 0, title: "Stream failed", ...problemDetails(problem) };
      if (subscription.resuming && details.status === GONE) {
        subscription.sequence = undefined;
        this.#subscribe(subscription);
        continue;
      }
      subscription.ref = subscription.topic = subscription.latest = undefined;
      if (typeof ref !== "string") this.#subscribeLater(subscription);
      const error = new ApiError(details, { url: subscription.stream });
      callAll(subscription, (handlers) => handlers.error?.(error));
    }
  }

  #with(key: "ref" | "topic", value: unknown): Subscription[] {
    if (typeof value !== "string") return [];
    return [...this.#subscriptions.values()].filter((subscription) => subscription[key] === value);
  }
}

function newSubscription(stream: string, request: object): Subscription {
  const unknown = { ref: undefined, topic: undefined, latest: undefined, retry: undefined, sequence: undefined };
  return { stream, request, handlers: new Set(), ended: 0, resuming: false, ...unknown };
}

/** Return the members of a message; none if it is not a JSON object. */
function parse(text: string): Record<string, unknown> {
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function warn(text: string): void {
  console.warn("A stream sent an invalid message:", text.slice(0, 200));
}

function callAll(subscription: Subscription, use: (handlers: StreamHandlers<unknown>) => void): void {
  for (const own of [...subscription.handlers]) call(subscription, own, () => use(own));
}

/** Call a handler unless its subscription has ended. Report what it throws, so that the others are called, too. */
function call(subscription: Subscription, own: StreamHandlers<unknown>, use: () => void): void {
  if (!subscription.handlers.has(own)) return;
  try {
    use();
  } catch (error) {
    reportError(error);
  }
}
