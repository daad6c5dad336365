/** `idle`: nothing to do; `waiting`: for the next attempt, after a failed one. */
export type ConnectionState = "idle" | "connecting" | "open" | "waiting";

export interface ConnectionOptions {
  /** Opens a socket. */
  createSocket?: (url: string) => WebSocket;
  /** Returns a number from 0 up to 1, for the jitter. */
  random?: () => number;
  /** The longest pause before the first new attempt; it doubles with each. */
  backoffMs?: number;
  /** The longest pause of all. */
  maxBackoffMs?: number;
  /** An attempt that takes longer has failed. */
  connectMs?: number;
  /** A connection that lasted this long counts as stable: the pauses start small again. */
  stableMs?: number;
  /** After so much silence a `ping` is sent. */
  quietMs?: number;
  /** If it stays silent for so long after a `ping`, the connection is dead. */
  answerMs?: number;
}

interface Owner {
  /** The socket is open: asks for what is wanted, before the listeners hear of it. */
  opened(): void;
  /** The text of a frame; anything else is not passed on. */
  received(text: string): void;
  /** Whether the connection is still wanted. */
  wanted(): boolean;
}

const DEFAULTS = {
  createSocket: (url: string) => new WebSocket(url),
  random: Math.random,
  backoffMs: 500,
  maxBackoffMs: 10_000,
  connectMs: 10_000,
  stableMs: 10_000,
  quietMs: 15_000,
  answerMs: 5_000,
};

type Timer = ReturnType<typeof setTimeout>;

/** One WebSocket that is opened anew, after growing random pauses, for as long as it is wanted. */
export class Connection {
  readonly #url: () => string;
  readonly #owner: Owner;
  readonly #options: Required<ConnectionOptions>;
  readonly #listeners = new Set<(state: ConnectionState) => void>();
  readonly #online = () => this.#retryNow();
  readonly #visible = () => {
    if (document.visibilityState === "visible") this.#retryNow();
  };
  #state: ConnectionState = "idle";
  #socket: WebSocket | undefined;
  #failures = 0;
  /** The next attempt, or the end of an attempt's time. */
  #attempt: Timer | undefined;
  #heartbeat: Timer | undefined;
  #stable: Timer | undefined;

  constructor(url: () => string, owner: Owner, options: ConnectionOptions) {
    this.#url = url;
    this.#owner = owner;
    this.#options = { ...DEFAULTS, ...options };
  }

  get state(): ConnectionState {
    return this.#state;
  }

  onState(listener: (state: ConnectionState) => void): () => void {
    // A wrapper, so that one function can listen twice.
    const own = (state: ConnectionState) => listener(state);
    this.#listeners.add(own);
    own(this.#state);
    return () => this.#listeners.delete(own);
  }

  /** Open the socket, unless that is under way or done. */
  open(): void {
    if (this.#state !== "idle") return;
    // Not in every environment: the tests' and a worker's have no window.
    globalThis.addEventListener?.("online", this.#online);
    // A page in the background is slowed down, and the pause may have become a long one.
    globalThis.document?.addEventListener("visibilitychange", this.#visible);
    this.#connect();
  }

  /** Send a message; it is dropped if the socket is not open. */
  send(message: object): void {
    if (this.#state === "open") this.#socket?.send(JSON.stringify(message));
  }

  close(): void {
    globalThis.removeEventListener?.("online", this.#online);
    globalThis.document?.removeEventListener("visibilitychange", this.#visible);
    this.#drop();
    this.#failures = 0;
    this.#become("idle");
  }

  /** Return how long to wait after so many failures: at random, so that not all pages come at once. */
  pause(failures: number): number {
    const { backoffMs, maxBackoffMs, random } = this.#options;
    return random() * Math.min(maxBackoffMs, backoffMs * 2 ** failures);
  }

  #connect(): void {
    const socket = this.#newSocket();
    if (!socket) return this.#failed();
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = ({ data }) => this.#received(data);
    socket.onclose = () => this.#failed();
    this.#attempt = setTimeout(() => this.#failed(), this.#options.connectMs);
    this.#become("connecting");
  }

  /** Return undefined if there can be none, such as for an address that is no URL: that is a failed attempt. */
  #newSocket(): WebSocket | undefined {
    try {
      return this.#options.createSocket(this.#url());
    } catch (error) {
      console.warn("A stream's socket cannot be opened:", error);
      return undefined;
    }
  }

  #opened(): void {
    clearTimeout(this.#attempt);
    this.#stable = setTimeout(() => (this.#failures = 0), this.#options.stableMs);
    this.#listen();
    this.#become("open");
  }

  #received(data: unknown): void {
    this.#listen();
    if (typeof data === "string") this.#owner.received(data);
    else console.warn("A stream sent a binary frame, which is ignored.");
  }

  /** Expect a frame from now on: ask for one after a silence, and give up if none comes. */
  #listen(): void {
    clearTimeout(this.#heartbeat);
    this.#heartbeat = setTimeout(() => {
      this.send({ type: "ping" });
      this.#heartbeat = setTimeout(() => this.#failed(), this.#options.answerMs);
    }, this.#options.quietMs);
  }

  #failed(): void {
    this.#drop();
    if (!this.#owner.wanted()) return this.close();
    this.#attempt = setTimeout(() => this.#connect(), this.pause(this.#failures));
    this.#failures += 1;
    this.#become("waiting");
  }

  #retryNow(): void {
    if (this.#state !== "waiting") return;
    clearTimeout(this.#attempt);
    this.#connect();
  }

  /** Forget the socket at once: a dead one may take minutes to say that it has closed. */
  #drop(): void {
    for (const timer of [this.#attempt, this.#heartbeat, this.#stable]) clearTimeout(timer);
    const socket = this.#socket;
    this.#socket = undefined;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }

  #become(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    // First, so that what a listener subscribes is not asked for twice.
    if (state === "open") this.#owner.opened();
    // A listener may change the state again; the others then hear of the last one only.
    for (const listener of [...this.#listeners]) if (this.#state === state) listener(state);
  }
}
