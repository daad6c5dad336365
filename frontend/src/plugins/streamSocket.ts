import { errorOf, member, type ApiError } from "./apiError";
import { Connection, type ConnectionOptions, type ConnectionState } from "./connection";

/** What each stream of a module takes and pushes; the generated `<Module>Streams` are such maps. */
export type Streams<S> = { [K in keyof S]: { request: object; update: unknown } };

export interface StreamHandlers<Update> {
  update(payload: Update): void;
  /** After every subscription, also after a reconnect: what was pushed in between is lost. */
  subscribed?(): void;
  /** The subscription was refused, and is tried again after a reconnect; or it has ended, and is soon tried again. */
  error?(error: ApiError): void;
}

export interface StreamOptions<S> extends ConnectionOptions {
  /** The streams whose latest update is a state: who joins a running subscription gets it at once. */
  states?: readonly (keyof S & string)[];
  /** For how long a socket without subscriptions stays open, so that a change of page keeps it. */
  lingerMs?: number;
}

interface Subscription {
  stream: string;
  request: object;
  handlers: Set<StreamHandlers<unknown>>;
  /** The `ref` of the latest `subscribe`: answers to an earlier one are late. */
  ref: string | undefined;
  topic: string | undefined;
  latest: { payload: unknown } | undefined;
  /** How often the topic has ended since its last update, and the next attempt after that. */
  ended: number;
  retry: ReturnType<typeof setTimeout> | undefined;
}

/**
 * The streams of one module over one WebSocket. It opens with the first subscription, comes back
 * by itself, and closes after the last subscription has ended. Equal requests share one
 * subscription at the service.
 */
export class StreamSocket<S extends Streams<S>> {
  readonly #connection: Connection;
  readonly #states: ReadonlySet<string>;
  readonly #lingerMs: number;
  readonly #subscriptions = new Map<string, Subscription>();
  #refs = 0;
  #linger: ReturnType<typeof setTimeout> | undefined;

  constructor(url: () => string, options: StreamOptions<S> = {}) {
    const { states = [], lingerMs = 1_000, ...rest } = options;
    this.#states = new Set(states);
    this.#lingerMs = lingerMs;
    const owner = {
      opened: () => this.#subscriptions.forEach((subscription) => this.#ask(subscription)),
      received: (text: string) => this.#received(text),
      wanted: () => this.#subscriptions.size > 0,
    };
    this.#connection = new Connection(url, owner, rest);
  }

  get state(): ConnectionState {
    return this.#connection.state;
  }

  /** Call `listener` with the state of the connection: now, and whenever it changes. */
  onState(listener: (state: ConnectionState) => void): () => void {
    return this.#connection.onState(listener);
  }

  /**
   * Follow `stream`. Returns the function that ends it: no handler is called after that. Handlers
   * are never called before `subscribe` has returned.
   */
  subscribe<K extends keyof S & string>(
    stream: K,
    request: S[K]["request"],
    handlers: StreamHandlers<S[K]["update"]>,
  ): () => void {
    clearTimeout(this.#linger);
    const key = `${stream}:${canonical(request)}`;
    const subscription = this.#subscriptions.get(key) ?? newSubscription(stream, request);
    this.#subscriptions.set(key, subscription);
    // A copy, so that the same handlers can be given twice.
    const own = { ...handlers } as StreamHandlers<unknown>;
    subscription.handlers.add(own);
    if (this.state !== "open") this.#connection.open();
    else if (subscription.ref === undefined) this.#ask(subscription);
    else queueMicrotask(() => this.#join(subscription, own));
    return () => this.#end(key, subscription, own);
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

  #ask(subscription: Subscription): void {
    clearTimeout(subscription.retry);
    subscription.ref = String((this.#refs += 1));
    subscription.topic = subscription.latest = undefined;
    const { stream, ref, request } = subscription;
    this.#connection.send({ type: `${stream}.subscribe`, ref, payload: request });
  }

  /** Ask for a topic that has ended, after a pause that grows as long as nothing comes of it. */
  #askLater(subscription: Subscription): void {
    clearTimeout(subscription.retry);
    const again = () => {
      // After a reconnect, or for a new follower, it was asked for already.
      if (this.state === "open" && subscription.ref === undefined) this.#ask(subscription);
    };
    subscription.retry = setTimeout(again, this.#connection.pause(subscription.ended));
    subscription.ended += 1;
  }

  /** Tell one more follower of a running subscription where it stands. */
  #join(subscription: Subscription, own: StreamHandlers<unknown>): void {
    // If the answer is still to come, it will be told to all.
    if (subscription.topic === undefined || this.state !== "open") return;
    const { latest } = subscription;
    call(subscription, own, () => own.subscribed?.());
    if (latest) call(subscription, own, () => own.update(latest.payload));
  }

  #end(key: string, subscription: Subscription, own: StreamHandlers<unknown>): void {
    const { handlers, stream, ref, request } = subscription;
    if (!handlers.delete(own) || handlers.size > 0) return;
    this.#subscriptions.delete(key);
    clearTimeout(subscription.retry);
    if (ref !== undefined) this.#connection.send({ type: `${stream}.unsubscribe`, payload: request });
    if (this.#subscriptions.size > 0) return;
    this.#linger = setTimeout(() => this.#connection.close(), this.#lingerMs);
  }

  #received(text: string): void {
    const message = parse(text);
    const type = member(message, "type");
    if (typeof type !== "string") return malformed(text);
    const ref = member(message, "ref");
    const topic = member(message, "topic");
    const payload = member(message, "payload");
    const verb = type.slice(type.lastIndexOf(".") + 1);
    if (verb === "error") return this.#failed(ref, topic, payload, text);
    if (!["subscribed", "unsubscribed", "update"].includes(verb)) return;
    if (typeof topic !== "string" || payload === undefined) return malformed(text);
    if (verb === "subscribed") this.#subscribed(ref, topic);
    else if (verb === "update") this.#updated(topic, payload);
    // The service took two different requests for the same: ending one has ended the other.
    else this.#of("topic", topic).forEach((subscription) => this.#ask(subscription));
  }

  #subscribed(ref: unknown, topic: string): void {
    for (const subscription of this.#of("ref", ref)) {
      subscription.topic = topic;
      callAll(subscription, (handlers) => handlers.subscribed?.());
    }
  }

  #updated(topic: string, payload: unknown): void {
    for (const subscription of this.#of("topic", topic)) {
      subscription.ended = 0;
      if (this.#states.has(subscription.stream)) subscription.latest = { payload };
      callAll(subscription, (handlers) => handlers.update(payload));
    }
  }

  /** A message was refused, or a topic has ended. */
  #failed(ref: unknown, topic: unknown, problem: unknown, text: string): void {
    if (typeof ref !== "string" && typeof topic !== "string") return malformed(text);
    const subscriptions = typeof ref === "string" ? this.#of("ref", ref) : this.#of("topic", topic);
    for (const subscription of subscriptions) {
      subscription.ref = subscription.topic = subscription.latest = undefined;
      if (typeof ref !== "string") this.#askLater(subscription);
      const error = errorOf(problem, { ...statusOf(problem), url: subscription.stream });
      callAll(subscription, (handlers) => handlers.error?.(error));
    }
  }

  #of(key: "ref" | "topic", value: unknown): Subscription[] {
    if (typeof value !== "string") return [];
    return [...this.#subscriptions.values()].filter((subscription) => subscription[key] === value);
  }
}

function newSubscription(stream: string, request: object): Subscription {
  const unknown = { ref: undefined, topic: undefined, latest: undefined, retry: undefined };
  return { stream, request, handlers: new Set(), ended: 0, ...unknown };
}

/** Return JSON in which the order of members does not matter. */
function canonical(request: object): string {
  return JSON.stringify(request, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function malformed(text: string): void {
  console.warn("A stream sent a message that cannot be understood:", text.slice(0, 200));
}

function statusOf(problem: unknown): { status: number; title: string } {
  const status = member(problem, "status");
  return { status: typeof status === "number" ? status : 0, title: "Stream failed" };
}

function callAll(subscription: Subscription, tell: (handlers: StreamHandlers<unknown>) => void): void {
  for (const own of [...subscription.handlers]) call(subscription, own, () => tell(own));
}

/** Call a handler unless it has ended meanwhile. What it throws must not keep the others from theirs. */
function call(subscription: Subscription, own: StreamHandlers<unknown>, tell: () => void): void {
  if (!subscription.handlers.has(own)) return;
  try {
    tell();
  } catch (error) {
    reportError(error);
  }
}
