/** A WebSocket whose other end is the test. */
export class FakeSocket {
  static all: FakeSocket[] = [];

  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  closed = false;
  /** What the page sent since it was last read. */
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

  /** The service accepts. */
  open(): void {
    this.onopen?.();
  }

  /** The service, or the network, ends the connection. */
  end(): void {
    this.closed = true;
    this.onclose?.();
  }

  /** The service sends a message; a string is sent as it is. */
  push(message: unknown): void {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }

  /** Return what was sent, and forget it. */
  sent(): { type: string; ref?: string; payload?: unknown }[] {
    return this.#sent.splice(0).map((text) => JSON.parse(text));
  }

  /** Accept the subscriptions that were sent, as the service does; return their topics. */
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

/** The service's name of a subscription, which the page must not know but learn. */
export function topicOf(type: string, payload: unknown): string {
  return `${type.split(".")[0]}:${JSON.stringify(payload)}`;
}
