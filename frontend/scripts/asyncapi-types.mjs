#!/usr/bin/env node
// Usage: asyncapi-types.mjs (MODULE SPEC OUTPUT)...
// Writes the TypeScript types of each module's WebSocket: unions of its messages, with `type` as the
// discriminator, and the request and update of each stream. Types and constants only, no `enum`.
import { readFileSync, writeFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";
import { REF, forEachSpec, isNamedEnum, mapEntries, mapSchema, pointer, typeName, renameSchemas } from "./schema.mjs";

const RESERVED = ["ADDRESS", "STREAMS", "ClientMessage", "ServerMessage"];

// A comment that the compiler adds to every definition and that says nothing.
const ORIGIN = /(?: \*\n)? \* This interface was referenced by `\w+`'s JSON-Schema\n \* via the `definition` "\w+"\.\n/gu;

const OPTIONS = {
  additionalProperties: false,
  bannerComment: "",
  ignoreMinAndMaxItems: true,
  unknownAny: true,
  unreachableDefinitions: true,
  style: { parser: "babel-ts" }, // faster than the default, with the same output
};

/** Return the node that a reference within the document points to. */
function resolve(document, { $ref }) {
  const node = $ref.slice(2).split("/").reduce((parent, key) => parent?.[key], document);
  if (node === undefined) throw new Error(`the reference ${$ref} points to nothing`);
  return node;
}

/** Return references to the payloads that the service sends or receives; it sends the replies to what it receives. */
function payloads(document, action) {
  const messages = Object.values(document.operations)
    .flatMap(({ action: own, messages, reply }) => (own === action ? messages : (reply?.messages ?? [])))
    .map((message) => resolve(document, resolve(document, message)).payload);
  return [...new Map(messages.map((payload) => [payload.$ref, payload])).values()];
}

/** Return the schema of the interface that maps each stream to its request and update. */
function streams(document) {
  const schema = (name) => {
    resolve(document, { $ref: REF + typeName(name) });
    return { $ref: REF + typeName(name) };
  };
  return object("The request and the update of each stream, by the name of the stream.",
    mapEntries(document["x-streams"], ({ request, update }) =>
      object(undefined, { request: schema(request), update: schema(update) }),
    ),
  );
}

/** Return the constant that says which streams replay their last update to a new subscriber. */
function streamsConstant(document) {
  const streams = mapEntries(document["x-streams"], ({ replayLast }, name) => {
    if (typeof replayLast === "boolean") return { replayLast };
    throw new Error(`${pointer("#/x-streams", name, "replayLast")}: must be true or false`);
  });
  const comment = "/** The streams. With `replayLast`, a new subscriber first receives the last update. */\n";
  return `${comment}export const STREAMS = ${JSON.stringify(streams, null, 2)} as const;\n`;
}

function object(description, properties) {
  return { description, type: "object", properties, required: Object.keys(properties) };
}

/** Return the function that turns a schema into draft-07, which the compiler reads; titles would name types. */
function draft07(document) {
  return ({ title, prefixItems, propertyNames, discriminator, ...schema }) => {
    if (schema.$ref) {
      const name = schema.$ref.slice(REF.length);
      return isNamedEnum(resolve(document, schema)) ? { tsType: name } : { $ref: `#/definitions/${name}` };
    }
    if (!prefixItems) return schema;
    const length = prefixItems.length;
    return { ...schema, items: prefixItems, minItems: length, maxItems: length };
  };
}

/** Return a named enum as a constant with its members and the type of their values. */
function namedEnum([name, schema]) {
  const comment = schema.description ? `/** ${schema.description.replaceAll("*/", "*\\/")} */\n` : "";
  const members = schema.enum.map((value, index) => {
    const member = schema["x-enum-varnames"][index];
    return `  ${/^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(member) ? member : JSON.stringify(member)}: ${JSON.stringify(value)},\n`;
  });
  return (
    `${comment}export const ${name} = {\n${members.join("")}} as const;\n` +
    `export type ${name} = (typeof ${name})[keyof typeof ${name}];\n`
  );
}

/** Return the TypeScript source for one module's AsyncAPI document. */
async function typesOf(module, asyncapi) {
  const [document, pointers] = renameSchemas(asyncapi);
  const { schemas } = document.components;
  const root = `${typeName(module)}Streams`;
  const taken = [...RESERVED, root].find((name) => pointers.has(name));
  if (taken) throw new Error(`${pointers.get(taken)}: the name ${taken} is reserved; rename the schema`);

  const enums = Object.entries(schemas).filter(([, schema]) => isNamedEnum(schema));
  const definitions = {
    ...Object.fromEntries(Object.entries(schemas).filter(([, schema]) => !isNamedEnum(schema))),
    ClientMessage: { description: "Every message that a client may send.", anyOf: payloads(document, "receive") },
    ServerMessage: { description: "Every message that the service sends.", anyOf: payloads(document, "send") },
  };
  const change = draft07(document);
  const schema = mapSchema(streams(document), root, change);
  schema.definitions = mapEntries(definitions, (definition, name) =>
    mapSchema(definition, pointers.get(name) ?? name, change),
  );
  const types = await compile(schema, root, OPTIONS);
  const [channel] = Object.values(document.channels);
  return [
    `// Generated from the AsyncAPI spec of the module ${module}. Do not edit.\n`,
    `/** The path of the WebSocket. */\nexport const ADDRESS = ${JSON.stringify(channel.address)};\n`,
    streamsConstant(document),
    ...enums.map(namedEnum),
    types.replace(ORIGIN, "").replaceAll("/**\n */\n", ""),
  ].join("\n");
}

await forEachSpec(3, 1, async (module, spec, output) => {
  writeFileSync(output, await typesOf(module, JSON.parse(readFileSync(spec, "utf8"))));
});
