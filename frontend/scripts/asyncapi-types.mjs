#!/usr/bin/env node
// Usage: asyncapi-types.mjs (MODULE SPEC OUTPUT)...
// Writes the TypeScript types of each module's WebSocket: the messages as unions told apart by
// `type`, and what each stream takes and pushes. Types and constants only, no TypeScript `enum`.
import { readFileSync, writeFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";
import { REF, forEachSpec, isNamedEnum, mapEntries, mapSchema, pointer, typeName, withTypeNames } from "./schema.mjs";

const OWN_NAMES = ["ADDRESS", "STREAMS", "ClientMessage", "ServerMessage"];

// What the compiler says of each definition is true of every one, and of no use to a reader.
const ORIGIN = /(?: \*\n)? \* This interface was referenced by `\w+`'s JSON-Schema\n \* via the `definition` "\w+"\.\n/gu;

const OPTIONS = {
  additionalProperties: false,
  bannerComment: "",
  ignoreMinAndMaxItems: true,
  unknownAny: true,
  unreachableDefinitions: true,
  style: { parser: "babel-ts" }, // the faster of two that give the same text
};

/** Return the node that a reference within the document leads to. */
function resolve(document, { $ref }) {
  const node = $ref.slice(2).split("/").reduce((parent, key) => parent?.[key], document);
  if (node === undefined) throw new Error(`the reference ${$ref} leads nowhere`);
  return node;
}

/** Return references to the payloads that the application sends, or receives; a reply goes back. */
function payloads(document, action) {
  const messages = Object.values(document.operations)
    .flatMap(({ action: own, messages, reply }) => (own === action ? messages : (reply?.messages ?? [])))
    .map((message) => resolve(document, resolve(document, message)).payload);
  return [...new Map(messages.map((payload) => [payload.$ref, payload])).values()];
}

/** Return the streams as one object type, so that `keyof` and indexed access work on them. */
function streams(document) {
  const schema = (name) => {
    resolve(document, { $ref: REF + typeName(name) });
    return { $ref: REF + typeName(name) };
  };
  return object("What each stream takes and pushes, by the stream's name.",
    mapEntries(document["x-streams"], ({ request, update }) =>
      object(undefined, { request: schema(request), update: schema(update) }),
    ),
  );
}

/** Return the constant that says which streams send their last update to a new subscriber. */
function streamsConstant(document) {
  const members = Object.entries(document["x-streams"]).map(([name, { replayLast }]) => {
    if (typeof replayLast !== "boolean") {
      throw new Error(`${pointer("#/x-streams", name)}: has no replayLast; write true or false`);
    }
    return `  ${propertyName(name)}: { replayLast: ${replayLast} },\n`;
  });
  return (
    "/** The streams; with `replayLast`, a new subscriber first receives the last update. */\n" +
    `export const STREAMS = {\n${members.join("")}} as const;\n`
  );
}

function object(description, properties) {
  return { description, type: "object", properties, required: Object.keys(properties) };
}

/** Return the form that the compiler reads: draft-07 tuples and references, no titles of fields. */
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

/** Return a property's name as an object literal has it. */
function propertyName(name) {
  return /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? name : JSON.stringify(name);
}

/** An enum whose members have names becomes a constant that holds them, and the type of its values. */
function namedEnum([name, schema]) {
  const comment = schema.description ? `/** ${schema.description.replaceAll("*/", "*\\/")} */\n` : "";
  const members = schema.enum.map((value, index) => {
    return `  ${propertyName(schema["x-enum-varnames"][index])}: ${JSON.stringify(value)},\n`;
  });
  return (
    `${comment}export const ${name} = {\n${members.join("")}} as const;\n` +
    `export type ${name} = (typeof ${name})[keyof typeof ${name}];\n`
  );
}

/** Return the TypeScript source for one module's AsyncAPI document. */
async function typesOf(module, asyncapi) {
  const [document, places] = withTypeNames(asyncapi);
  const { schemas } = document.components;
  const root = `${typeName(module)}Streams`;
  const taken = [...OWN_NAMES, root].find((name) => places.has(name));
  if (taken) throw new Error(`${places.get(taken)}: no schema can be named ${taken}`);

  const enums = Object.entries(schemas).filter(([, schema]) => isNamedEnum(schema));
  const definitions = {
    ...Object.fromEntries(Object.entries(schemas).filter(([, schema]) => !isNamedEnum(schema))),
    ClientMessage: { description: "Everything that a client may send.", anyOf: payloads(document, "receive") },
    ServerMessage: { description: "Everything that the service sends.", anyOf: payloads(document, "send") },
  };
  const change = draft07(document);
  const schema = mapSchema(streams(document), root, change);
  schema.definitions = mapEntries(definitions, (definition, name) =>
    mapSchema(definition, places.get(name) ?? name, change),
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
