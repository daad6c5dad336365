import { ApiError, errorOf, member } from "./apiError";
import { Connection, type ConnectionOptions, type ConnectionState } from "./connection";

/** What each stream of a module takes and pushes; the generated `<Module>Streams` are such maps. */
export type Streams<S> = { [K in keyof S]: { request: object; update: unknown } };

export interface StreamHandlers<Update> {
  update(payload: Update): void;
  /** After every subscription, also after a reconnect: what was pushed in between is lost. */
  subscribed?(): void;
  /** The subscription was refused or has ended; it is tried again after a reconnect. */
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

  /** Follow `stream`. Returns the function that ends it, after which no handler is called. */
  subscribe<K extends keyof S & string>(
    stream: K,
    request: S[K]["request"],
    handlers: StreamHandlers<S[K]["update"]>,
  ): () => void {
    void stream;
    void request;
    void handlers;
    return () => undefined;
  }

  /** End every subscription and close the socket. */
  close(): void {
    clearTimeout(this.#linger);
    this.#subscriptions.clear();
    this.#connection.close();
  }

  #ask(subscription: Subscription): void {
    void subscription;
  }

  #received(text: string): void {
    void text;
  }
}
