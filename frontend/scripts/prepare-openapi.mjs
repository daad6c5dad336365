#!/usr/bin/env node
// Usage: prepare-openapi.mjs CALLS (MODULE SPEC FOLDER)...
// Writes into each FOLDER what is ready of a module's client: models.ts, with all types, and index.ts.
// Writes for all modules together CALLS, a document that openapi-generator reads: one tag per module, one path per
// operation, and no schemas. Its template finds everything that it writes in extensions (`x-...`).
// Prints the modules whose specs are valid, one a line; the errors of the others go to stderr, and the exit code is 1.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Operation, METHODS } from "./operations.mjs";
import { freeName, pointer, resolveReference, typeName } from "./schema.mjs";
import { TypeWriter, objectType } from "./schema-types.mjs";
import { reportError } from "./spec-errors.mjs";

const INDEX = `export * from "./models.js";
export { failureOf, type ClientOptions, type Failure, type RequestOptions, type ServerSentEvent } from "../runtime.js";
`;
// Not the name of a method: an object with a method `then` would be taken for a promise.
const RESERVED = ["constructor", "then"];
const METHOD_SUFFIX = new RegExp(`(${METHODS.map(typeName).join("|")})$`);
const EXPORTED = ["ClientOptions", "Failure", "RequestOptions"];

/** Return the operations of a document, each with a name of its own. */
function operationsOf(document, types) {
  const operations = Object.entries(document.paths ?? {}).flatMap(([path, node]) => {
    const location = pointer("#/paths", path);
    const item = node.$ref === undefined ? node : resolveReference(document, node.$ref, pointer(location, "$ref"));
    const methods = METHODS.filter((method) => item[method]);
    return methods.map((method) => new Operation({ document, types, path, item, method, location: pointer(location, method) }));
  });
  const plainNames = operations.map(({ plainName }) => plainName);
  const taken = new Set(RESERVED);
  for (const operation of operations) {
    const { plainName, method } = operation;
    const isUnique = plainNames.indexOf(plainName) === plainNames.lastIndexOf(plainName);
    // A route of several methods: FastAPI gives its operations one id, which ends with any of the methods.
    const name = isUnique ? plainName : plainName.replace(METHOD_SUFFIX, "") + typeName(method);
    operation.name = freeName(name, taken, `${name}_`);
  }
  return operations;
}

/** Return the version of the spec as a further argument, or "" if the spec has none. */
function specOf({ info }) {
  const version = info?.["x-spec-version"];
  return version === undefined ? "" : `, ${JSON.stringify(version)}`;
}

/** Return the address of the first server, or "": the page's own. */
function serverOf({ servers: [server] = [] }) {
  const variables = server?.variables ?? {};
  return (server?.url ?? "").replace(/\{([^}]+)\}/g, (text, name) => variables[name]?.default ?? text);
}

/** Write models.ts and index.ts into `folder`, and return the calls for the generator's template. */
function prepare(module, document, folder) {
  if (!/^3\.[01]\./.test(document.openapi)) throw new Error("not an OpenAPI document of version 3.0 or 3.1");
  const [api, root] = [`${typeName(module)}Api`, `${typeName(module)}Operations`];
  const types = new TypeWriter(document, [api, root, ...EXPORTED]);
  const operations = operationsOf(document, types);
  const calls = operations.map((operation) => operation.call());
  const fields = operations.map((operation) => ({ name: operation.name, type: operation.type("  ") }));
  const description = "The arguments of each operation, and its replies and errors by status.";
  const heading = `// Generated from the OpenAPI spec of the module ${module}. Do not edit.\n`;
  const source = [
    heading,
    ...(operations.some(({ yieldsEvents }) => yieldsEvents) ? ['import type { ServerSentEvent } from "../runtime.js";\n'] : []),
    `/** ${description} */\nexport interface ${root} ${objectType(fields, fields.map(({ name }) => name), "")}\n`,
  ].join("\n");
  const declared = types.declarations();
  const locations = { types: declared.locations, operations: Object.fromEntries(operations.map(({ name, location }) => [name, location])) };
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "models.ts"), [source, declared.source].filter(Boolean).join("\n"));
  writeFileSync(join(folder, "index.ts"), calls.length ? `export * from "./api.js";\n${INDEX}` : INDEX);
  writeFileSync(`${folder}.locations.json`, JSON.stringify(locations));
  const hasReplies = operations.some(({ isStream }) => !isStream);
  return { api, root, hasReplies, server: JSON.stringify(serverOf(document)), spec: specOf(document), heading: heading.trim(), calls };
}

/** Return the document for openapi-generator. */
function callsDocument(modules) {
  const paths = {};
  for (const [number, { calls, ...client }] of modules.entries()) {
    const tag = `m${number}`;
    calls.forEach((call, index) => {
      // The generator sorts operations by their id.
      const operationId = `${tag}_${String(index).padStart(6, "0")}`;
      paths[`/${operationId}`] = { get: { operationId, tags: [tag], responses: { default: { description: "" } }, "x-client": client, "x-call": call } };
    });
  }
  return { openapi: "3.0.3", info: { title: "calls", version: "1" }, paths };
}

const [callsFile, ...jobs] = process.argv.slice(2);
const modules = [];
for (let index = 0; index < jobs.length; index += 3) {
  const [module, spec, folder] = jobs.slice(index, index + 3);
  try {
    modules.push(prepare(module, JSON.parse(readFileSync(spec, "utf8")), folder));
    console.log(module);
  } catch (error) {
    reportError(spec, error);
  }
}
writeFileSync(callsFile, JSON.stringify(callsDocument(modules)));
