import type { ApiError } from "@/plugins/apiError";
import type { ConnectionState } from "@/plugins/connection";

interface Handlers {
  update(payload: unknown): void;
  subscribed?(): void;
  error?(error: ApiError): void;
}

interface Subscription {
  stream: string;
  request: object;
  handlers: Handlers;
}

/** The streams of a module without a socket; a test decides what happens. */
export class StreamsDouble {
  subscriptions: Subscription[] = [];
  #listeners = new Set<(state: ConnectionState) => void>();

  subscribe(stream: string, request: object, handlers: Handlers): () => void {
    const subscription = { stream, request, handlers };
    this.subscriptions.push(subscription);
    return () => {
      this.subscriptions = this.subscriptions.filter((other) => other !== subscription);
    };
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    this.#listeners.add(listener);
    listener("idle");
    return () => this.#listeners.delete(listener);
  }

  become(state: ConnectionState): void {
    for (const listener of this.#listeners) listener(state);
  }

  /** Open the socket and confirm every subscription. */
  open(): void {
    this.become("open");
    for (const { handlers } of this.subscriptions) handlers.subscribed?.();
  }

  push(stream: string, payload: unknown): void {
    for (const one of this.subscriptions) if (one.stream === stream) one.handlers.update(payload);
  }

  requests(stream: string): object[] {
    return this.subscriptions.filter((one) => one.stream === stream).map(({ request }) => request);
  }

  reset(): void {
    this.subscriptions = [];
    this.become("idle");
  }
}

export const broker = new StreamsDouble();
export const datafeed = new StreamsDouble();
export const brokerStreams = () => broker;
export const datafeedStreams = () => datafeed;
