import { accessToken } from "./session";

/** `idle`: not needed now; `waiting`: between a failed attempt and the next one. */
export type ConnectionState = "idle" | "connecting" | "open" | "waiting";

interface Owner {
  /** Called when the socket has opened and the token, if there is one, was sent; before the listeners of the state. */
  opened(): void;
  /** Called with each text frame. */
  received(text: string): void;
  /** Whether a lost connection is to be opened again. */
  wanted(): boolean;
}

/** The longest pause before the first new attempt; it doubles with each failure up to `MAX_BACKOFF_MS`. */
const BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 10_000;
/** An attempt that takes longer has failed. */
const CONNECT_MS = 10_000;
/** After a connection that lasted this long, the pauses start small again. */
const STABLE_MS = 10_000;
/** After this much silence a `ping` is sent. */
const QUIET_MS = 15_000;
/** If no frame follows the `ping` within this time, the connection is dead. */
const PONG_MS = 5_000;

type Timer = ReturnType<typeof setTimeout>;

/** A WebSocket that is opened again after a failure, with growing random pauses, for as long as it is wanted. */
export class Connection {
  readonly #url: () => string;
  readonly #owner: Owner;
  readonly #listeners = new Set<(state: ConnectionState) => void>();
  readonly #online = () => this.#retryNow();
  readonly #visible = () => {
    if (document.visibilityState === "visible") this.#retryNow();
  };
  #state: ConnectionState = "idle";
  #socket: WebSocket | undefined;
  #failures = 0;
  /** Starts the next attempt, or ends one that takes too long. */
  #attempt: Timer | undefined;
  #heartbeat: Timer | undefined;
  #stable: Timer | undefined;

  constructor(url: () => string, owner: Owner) {
    this.#url = url;
    this.#owner = owner;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Call `listener` with the state, now and after each change. Returns a function that stops that. */
  onState(listener: (state: ConnectionState) => void): () => void {
    this.#listeners.add(listener);
    listener(this.#state);
    return () => this.#listeners.delete(listener);
  }

  /** Open the socket, unless it is open or being opened. */
  open(): void {
    if (this.#state !== "idle") return;
    // Node.js, in which some tests run, has no such events.
    globalThis.addEventListener?.("online", this.#online);
    // Browsers slow down the timers of a page in the background.
    globalThis.document?.addEventListener("visibilitychange", this.#visible);
    this.#connect();
  }

  /** Send a message; drop it if the socket is not open. */
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

  /** Return the pause in ms after so many failures. It is random, so that many pages do not reconnect at once. */
  pause(failures: number): number {
    return Math.random() * Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** failures);
  }

  #connect(): void {
    const socket = this.#newSocket();
    if (!socket) return this.#failed();
    this.#socket = socket;
    socket.onopen = () => this.#opened();
    socket.onmessage = ({ data }) => this.#received(data);
    socket.onclose = () => this.#failed();
    this.#attempt = setTimeout(() => this.#failed(), CONNECT_MS);
    this.#become("connecting");
  }

  /** Return a new socket; undefined if the URL is invalid, which counts as a failed attempt. */
  #newSocket(): WebSocket | undefined {
    try {
      return new WebSocket(this.#url());
    } catch (error) {
      console.warn("A stream's WebSocket cannot be opened:", error);
      return undefined;
    }
  }

  #opened(): void {
    clearTimeout(this.#attempt);
    this.#stable = setTimeout(() => (this.#failures = 0), STABLE_MS);
    this.#expectFrame();
    const token = accessToken();
    // Before anything else; a header would be better, but a page cannot set one.
    if (token !== undefined) this.#socket?.send(JSON.stringify({ type: "authenticate", payload: { token } }));
    this.#become("open");
  }

  #received(data: unknown): void {
    this.#expectFrame();
    if (typeof data === "string") this.#owner.received(data);
    else console.warn("A stream sent a binary frame, which is ignored.");
  }

  #expectFrame(): void {
    clearTimeout(this.#heartbeat);
    this.#heartbeat = setTimeout(() => {
      this.send({ type: "ping" });
      this.#heartbeat = setTimeout(() => this.#failed(), PONG_MS);
    }, QUIET_MS);
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

  /** Close the socket without waiting for its `close` event, which may take minutes on a dead connection. */
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
    // Before the listeners: what one of them subscribes now is then sent only once.
    if (state === "open") this.#owner.opened();
    // A listener may change the state; the remaining ones then hear only of that change.
    for (const listener of [...this.#listeners]) if (this.#state === state) listener(state);
  }
}
