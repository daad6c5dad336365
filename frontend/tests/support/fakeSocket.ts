/** A WebSocket whose service is the test. */
export class FakeSocket {
  static all: FakeSocket[] = [];

  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  closed = false;
  /** What the page has sent since the last call of `sent`. */
  #sent: string[] = [];

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    if (this.closed || !this.onopen) throw new Error("sent over a socket that is not open");
    this.#sent.push(text);
  }

  close(): void {
    this.closed = true;
  }

  /** Accept the connection. */
  open(): void {
    this.onopen?.();
  }

  /** End the connection, as the service or the network does. */
  end(): void {
    this.closed = true;
    this.onclose?.();
  }

  /** Send a message to the page; a string is sent as it is. */
  push(message: unknown): void {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }

  /** Return what the page has sent since the last call. */
  sent(): { type: string; ref?: string; payload?: unknown }[] {
    return this.#sent.splice(0).map((text) => JSON.parse(text));
  }

  /** Confirm the subscriptions that the page has sent; return their topics. */
  accept(): string[] {
    return this.sent()
      .filter(({ type }) => type.endsWith(".subscribe"))
      .map(({ type, ref, payload }) => {
        const topic = topicOf(type, payload);
        this.push({ type: `${type}d`, ref, topic, payload });
        return topic;
      });
  }
}

/** Return the topic of a subscription. The page must not derive it, but read it from the response. */
export function topicOf(type: string, payload: unknown): string {
  return `${type.split(".")[0]}:${JSON.stringify(payload)}`;
}
