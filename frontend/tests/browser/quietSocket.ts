import { WebSocket } from "ws";

/** A WebSocket for Node whose errors do not end the process, as in a browser. */
export class QuietSocket extends WebSocket {
  constructor(address: string) {
    super(address);
    this.on("error", () => undefined);
  }
}
