#!/usr/bin/env node
// Usage: normalise-openapi.mjs (SPEC OUTPUT)...
// Writes copies of OpenAPI 3.1 specs in the forms that openapi-generator turns into the right
// types. It merges the members of an `anyOf`, loses null beside other types, makes any[] of tuples,
// and names inline types after titles, which are not unique.
import { readFileSync, writeFileSync } from "node:fs";
import { isNull, mapEntries, mapSchema, withTypeNames } from "./schema.mjs";

// A type that is not generated but declared as null by complete-clients.mjs: a null that the generator
// cannot see, and so does not lose.
const HIDDEN_NULL = { $ref: "#/components/schemas/JsonNull" };

/** A tuple becomes a list of any of its types. */
function tuple({ prefixItems, ...rest }) {
  if (!prefixItems) return rest;
  const distinct = new Map(prefixItems.map((item) => [JSON.stringify(item), item]));
  const types = [...distinct.values()];
  return { ...rest, items: types.length === 1 ? types[0] : { oneOf: types } };
}

/** An enum of strings and numbers becomes a union of two enums. */
function mixedEnum(schema) {
  const kinds = new Set(schema.enum?.map((value) => typeof value));
  if (kinds.size < 2) return schema;
  const { enum: values, type, ...rest } = schema;
  const members = [...kinds].map((kind) => ({
    type: kind,
    enum: values.filter((value) => typeof value === kind),
  }));
  return { ...rest, oneOf: members };
}

/** `anyOf` becomes `oneOf`; one inline type or null becomes `type: [x, "null"]`. */
function union({ anyOf, oneOf, ...rest }) {
  const members = anyOf ?? oneOf;
  if (!members) return rest;
  const types = members.filter((member) => !isNull(member));
  if (types.length === members.length) return { ...rest, oneOf: members };
  if (types.length > 1) return { ...rest, oneOf: [...types, HIDDEN_NULL] };
  const [only] = types;
  return typeof only.type === "string"
    ? { ...only, ...rest, type: [only.type, "null"] }
    : { ...rest, oneOf: [only, { type: "null" }] };
}

function normaliseSchema(schema, place) {
  return mapSchema(schema, place, ({ title, ...part }) => union(mixedEnum(tuple(part))));
}

/** A parameter that is not given is left out of the request: there is no null to send. */
function withoutNull(schema) {
  if (Array.isArray(schema.type)) return { ...schema, type: schema.type.find((t) => t !== "null") };
  const { oneOf, ...rest } = schema;
  const types = oneOf?.filter((member) => !isNull(member) && member !== HIDDEN_NULL);
  if (!types || types.length === oneOf.length) return schema;
  return types.length === 1 ? { ...rest, ...types[0] } : { ...rest, oneOf: types };
}

/** The generator ignores that a body may be null, so the null is hidden from it. */
function withHiddenNull(schema) {
  if (Array.isArray(schema.type)) {
    return { oneOf: [{ ...schema, type: schema.type.find((t) => t !== "null") }, HIDDEN_NULL] };
  }
  const hide = (member) => (isNull(member) ? HIDDEN_NULL : member);
  return schema.oneOf ? { ...schema, oneOf: schema.oneOf.map(hide) } : schema;
}

const isSuccess = (status) => /^[123]/.test(status);

/**
 * Errors are thrown as they come, whatever they hold. Of them the generator needs the media types, for
 * the Accept header; their schemas, which it would resolve for every operation, are left out.
 * Where no success is declared, `default` is the answer.
 */
function withoutErrorSchemas(responses) {
  if (!Object.keys(responses).some(isSuccess)) return responses;
  const kinds = new Set();
  const isNew = (kind) => !kinds.has(kind) && kinds.add(kind);
  return Object.fromEntries(
    Object.entries(responses)
      .map(([status, response]) => [status, isSuccess(status) ? response : withoutSchema(response)])
      .filter(([status, { content }]) => isSuccess(status) || isNew(JSON.stringify(content))),
  );
}

function withoutSchema({ description, content = {} }) {
  return { description, content: mapEntries(content, () => ({})) };
}

/** Return `node` with each schema below it normalised; `place` tells where it is in the document. */
function normaliseNode(node, place) {
  if (Array.isArray(node)) return node.map((item, index) => normaliseNode(item, `${place}.${index}`));
  if (node === null || typeof node !== "object") return node;
  return mapEntries(node, (value, key) => {
    const here = place ? `${place}.${key}` : key;
    if (key === "responses") return normaliseNode(withoutErrorSchemas(value), here);
    if (key !== "schema") return normaliseNode(value, here);
    const schema = normaliseSchema(value, here);
    return "in" in node ? withoutNull(schema) : withHiddenNull(schema);
  });
}

function normalise(document) {
  const { components = {}, ...rest } = withTypeNames(document);
  const schemas = mapEntries(components.schemas ?? {}, normaliseSchema);
  if ("JsonNull" in schemas) throw new Error("a schema cannot be named JsonNull");
  return {
    ...normaliseNode(rest, ""),
    components: { ...components, schemas: { ...schemas, JsonNull: { type: "object" } } },
  };
}

const jobs = process.argv.slice(2);
for (let index = 0; index < jobs.length; index += 2) {
  const [spec, output] = jobs.slice(index, index + 2);
  try {
    const document = JSON.parse(readFileSync(spec, "utf8"));
    writeFileSync(output, JSON.stringify(normalise(document), null, 2));
  } catch (error) {
    console.error(`${spec}: ${error.message}`);
    process.exit(1);
  }
}
