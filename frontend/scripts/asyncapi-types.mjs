#!/usr/bin/env node
// Usage: asyncapi-types.mjs (MODULE SPEC FOLDER)...
// Writes FOLDER/index.ts, the types of each module's WebSocket: unions of its messages, with `type` as the
// discriminator, and the request and update of each stream. Types and constants only, no `enum`.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mapEntries, pointer, resolveReference, typeName } from "./schema.mjs";
import { TypeWriter, commentOf, objectType } from "./schema-types.mjs";
import { reportError } from "./spec-errors.mjs";

const RESERVED = ["ADDRESS", "STREAMS", "ClientMessage", "ServerMessage"];

/** Return the payloads that the service sends or receives; it sends the replies to what it receives. */
function payloads(document, action) {
  const resolve = ({ $ref }) => resolveReference(document, $ref, "#/operations");
  const messages = Object.values(document.operations)
    .flatMap(({ action: own, messages, reply }) => (own === action ? messages : (reply?.messages ?? [])))
    .map((message) => resolve(resolve(message)).payload);
  return [...new Map(messages.map((payload) => [payload.$ref, payload])).values()];
}

/** Return the alias of a union of messages. */
function messageUnion(name, description, members, types) {
  const union = members.map((member) => `\n  | ${types.typeOf(member, "#/operations")}`).join("");
  return `${commentOf({ description }, "")}export type ${name} =${union || " never"};\n`;
}

/** Return the interface that maps each stream to its request and update. */
function streamsInterface(name, document, types) {
  const typeOf = (schema, ...keys) => types.typeOf({ $ref: pointer("#/components/schemas", schema) }, pointer("#/x-streams", ...keys));
  const fields = Object.entries(document["x-streams"]).map(([stream, { request, update }]) => {
    const parts = [{ name: "request", type: typeOf(request, stream, "request") }, { name: "update", type: typeOf(update, stream, "update") }];
    return { name: stream, type: objectType(parts, ["request", "update"], "  ") };
  });
  const description = "The request and the update of each stream, by the name of the stream.";
  return `${commentOf({ description }, "")}export interface ${name} ${objectType(fields, fields.map((field) => field.name), "")}\n`;
}

/** Return the constant that says which streams replay their last update to a new subscriber, and which can be resumed. */
function streamsConstant(document) {
  const streams = mapEntries(document["x-streams"], ({ replayLast, resumable = false }, name) => {
    if (typeof replayLast === "boolean") return { replayLast, resumable };
    throw new Error(`${pointer("#/x-streams", name, "replayLast")}: must be true or false`);
  });
  const comment = "/**\n * The streams. With `replayLast`, a new subscriber first receives the last update; one that is `resumable`\n * can continue after the number of an update.\n */\n";
  return `${comment}export const STREAMS = ${JSON.stringify(streams, null, 2)} as const;\n`;
}

/** Write the TypeScript source for one module's AsyncAPI document into `folder`. */
function generate(module, document, folder) {
  const root = `${typeName(module)}Streams`;
  const types = new TypeWriter(document, [...RESERVED, root]);
  const [channel] = Object.values(document.channels);
  const own = [
    `// Generated from the AsyncAPI spec of the module ${module}. Do not edit.\n`,
    `/** The path of the WebSocket. */\nexport const ADDRESS = ${JSON.stringify(channel.address)};\n`,
    streamsConstant(document),
    messageUnion("ClientMessage", "Every message that a client may send.", payloads(document, "receive"), types),
    messageUnion("ServerMessage", "Every message that the service sends.", payloads(document, "send"), types),
    streamsInterface(root, document, types),
  ];
  const declared = types.declarations();
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "index.ts"), [...own, declared.source].join("\n"));
  writeFileSync(`${folder}.locations.json`, JSON.stringify({ types: declared.locations }));
}

const jobs = process.argv.slice(2);
for (let index = 0; index < jobs.length; index += 3) {
  const [module, spec, folder] = jobs.slice(index, index + 3);
  try {
    generate(module, JSON.parse(readFileSync(spec, "utf8")), folder);
  } catch (error) {
    reportError(spec, error);
  }
}
