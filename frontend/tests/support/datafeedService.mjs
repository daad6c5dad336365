// A datafeed in JavaScript, which shows that a module can be written in any language: it implements the operations of
// the datafeed's OpenAPI spec, and the streams of its AsyncAPI spec, for one symbol whose price rises with each quote.
// Usage: node datafeedService.mjs; prints its address. Used by backend/tests/integration/test_other_language.py.
import console from "node:console";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { clearInterval, setInterval } from "node:timers";
import { URL } from "node:url";
import { WebSocketServer } from "ws";

const RESOLUTIONS = ["1", "5", "15", "60", "1D", "1W", "1M"];
const SYMBOL = {
  name: "NODE", description: "Node.js", type: "stock", session: "0930-1600", timezone: "Etc/UTC", ticker: "JS:NODE", exchange: "JS", listed_exchange: "JS",
  format: "price", pricescale: 100, minmov: 1, has_intraday: true, has_daily: true, supported_resolutions: RESOLUTIONS, volume_precision: 0,
  data_status: "streaming",
};
const CONFIGURATION = {
  supported_resolutions: RESOLUTIONS, exchanges: [{ value: "JS", name: "JS", desc: "JavaScript" }], symbols_types: [{ name: "Stock", value: "stock" }],
  supports_marks: false, supports_timescale_marks: false, supports_time: true, supports_search: true, supports_group_request: false,
};
const STEP_MS = 50;

let price = 100;

const quote = (symbol) => (symbol === SYMBOL.name ? { s: "ok", n: symbol, v: { lp: price, ask: price + 0.5, bid: price } } : { s: "error", n: symbol, v: {} });
const bar = () => ({ time: 0, open: 100, high: price, low: 100, close: price, volume: 1 });
const isMatch = (given) => !given || SYMBOL.name.includes(given.toUpperCase());

/** Return the status and the body of a response. */
function respond(method, url, body) {
  const { pathname, searchParams } = url;
  const path = pathname.replace(/^\/api\/v1/, "");
  if (method === "POST" && path === "/quotes") return [200, body.symbols.map(quote)];
  if (method !== "GET") return problem(405, "Method Not Allowed");
  if (path === "/config") return [200, CONFIGURATION];
  if (path === "/symbols") return [200, [SYMBOL]];
  if (path === "/symbols/search") {
    const { name, description, exchange, ticker, type } = SYMBOL;
    return [200, isMatch(searchParams.get("user_input")) ? [{ symbol: name, description, exchange, ticker, type }] : []];
  }
  if (path === `/symbols/${SYMBOL.name}`) return [200, SYMBOL];
  if (path === "/bars") return [200, { bars: [bar()], noData: false }];
  if (path === "/time") return [200, Math.floor(Date.now() / 1000)];
  return problem(404, "Not Found");
}

function problem(status, title) {
  return [status, { type: "about:blank", title, status }];
}

const server = createServer(async (request, response) => {
  const body = await text(request);
  const [status, content] = respond(request.method, new URL(request.url, "http://127.0.0.1"), body && JSON.parse(body));
  response.writeHead(status, { "Content-Type": status < 400 ? "application/json" : "application/problem+json" });
  response.end(JSON.stringify(content));
});

const sockets = new WebSocketServer({ server, path: "/api/v1/datafeed/ws" });
sockets.on("connection", (socket) => {
  const topics = new Map();
  const send = (message) => socket.send(JSON.stringify(message));
  const update = (topic, { stream, payload }) => {
    const updates = stream === "bars" ? [bar()] : [...payload.symbols, ...payload.fastSymbols].map(quote);
    for (const each of updates) send({ type: `${stream}.update`, topic, payload: each });
  };
  const timer = setInterval(() => {
    price += 1;
    topics.forEach((subscription, topic) => update(topic, subscription));
  }, STEP_MS);
  socket.on("close", () => clearInterval(timer));
  socket.on("message", (data) => {
    const { type, ref, payload } = JSON.parse(data);
    const [stream, action] = type.split(".");
    const topic = `${stream}:${JSON.stringify(payload)}`;
    if (action === "subscribe") {
      topics.set(topic, { stream, payload });
      send({ type: `${stream}.subscribed`, ref, topic, payload });
      update(topic, topics.get(topic));
    } else if (action === "unsubscribe") {
      topics.delete(topic);
      send({ type: `${stream}.unsubscribed`, topic, payload });
    }
  });
});

server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
