/** An HTTP server that tests decide the responses of, and that remembers what it received. */
import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface Received {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  rawHeaders: string[];
  body: Buffer;
}

export type Respond = (response: ServerResponse, received: Received) => void;

export class EchoServer {
  readonly received: Received[] = [];
  /** Responds to every request; by default with `null` as JSON. */
  respond: Respond = (response) => response.setHeader("Content-Type", "application/json").end("null");
  private readonly server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method = "", url = "", headers, rawHeaders } = request;
      const received = { method, url, headers, rawHeaders, body: Buffer.concat(chunks) };
      this.received.push(received);
      this.respond(response, received);
    });
  });

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, "127.0.0.1", resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The last request. */
  get last(): Received {
    const last = this.received.at(-1);
    if (!last) throw new Error("no request was received");
    return last;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
