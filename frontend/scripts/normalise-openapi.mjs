#!/usr/bin/env node
// Usage: normalise-openapi.mjs (SPEC OUTPUT)...
// Writes copies of OpenAPI 3.1 specs in the forms of OpenAPI 3.0 that openapi-generator turns into the
// right types. It takes a quarter longer for a spec of 3.1, merges the members of an `anyOf`, loses null
// beside other types, makes any[] of tuples, and names inline types after titles, which are not unique.
import { readFileSync, writeFileSync } from "node:fs";
import { REF, forEachSpec, isNull, mapEntries, mapSchema, pointer, withTypeNames } from "./schema.mjs";

// Types that complete-clients.mjs declares. The generator takes them for models that it does not have
// to generate, and so does not lose what they stand for.
const NULL = { $ref: `${REF}JsonNull` };
const TRUE = { $ref: `${REF}JsonTrue` };
const FALSE = { $ref: `${REF}JsonFalse` };
const DECLARED = ["JsonNull", "JsonTrue", "JsonFalse"];

// What decides the type and its comment. Titles would name types; all else says which values are valid.
const KEYWORDS = words(
  `$ref type format enum items properties required additionalProperties oneOf allOf nullable
  discriminator description deprecated readOnly x-enum-varnames x-enum-descriptions`,
);
const INFO = words("title description version contact");

function words(text) {
  return new Set(text.split(/\s+/));
}

function keep(keys, object) {
  return Object.fromEntries(Object.entries(object).filter(([key]) => keys.has(key)));
}

/** A list of types becomes a union of them. */
function types({ type, ...rest }) {
  if (!Array.isArray(type)) return type === undefined ? rest : { type, ...rest };
  return { oneOf: type.map((each) => (each === "null" ? NULL : { type: each, ...rest })) };
}

/** A constant becomes an enum of one value. */
function constant({ const: value, ...rest }) {
  return value === undefined ? rest : { ...rest, enum: [value] };
}

/** Text that holds bytes becomes a file; text that holds JSON stays text. */
function bytes({ contentMediaType, contentSchema, ...rest }) {
  return contentMediaType && !contentSchema ? { ...rest, format: "binary" } : rest;
}

/** A tuple becomes a list of any of its types. */
function tuple({ prefixItems, ...rest }) {
  if (!prefixItems) return rest;
  const members = prefixItems.flatMap(withNullBeside);
  const distinct = [...new Map(members.map((item) => [JSON.stringify(item), item])).values()];
  return { ...rest, items: distinct.length === 1 ? distinct[0] : union({ oneOf: distinct }) };
}

/** What may be null becomes two members of a union. */
function withNullBeside(schema) {
  if (!schema.nullable) return [schema];
  const { nullable, ...member } = schema;
  return [member, NULL];
}

/** An enum of strings and numbers becomes a union of enums, and one with null is nullable. */
function mixedEnum(schema) {
  const { enum: values, type, ...rest } = schema;
  const kinds = [...new Set(values?.map((value) => (value === null ? "null" : typeof value)))];
  if (kinds.length < 2) return schema;
  const members = kinds
    .filter((kind) => kind !== "null")
    .map((kind) => ({ type: kind, enum: values.filter((value) => value !== null && typeof value === kind) }));
  const nullable = kinds.includes("null");
  if (members.length === 1) return { ...rest, ...members[0], nullable };
  const { "x-enum-varnames": names, ...others } = rest;
  return { ...others, oneOf: nullable ? [...members, NULL] : members };
}

/** A boolean or null that has one value becomes a declared type. */
function literal(schema) {
  const { enum: values, type, ...rest } = schema;
  const declared = values?.length === 1 && new Map([[null, NULL], [true, TRUE], [false, FALSE]]).get(values[0]);
  return declared ? { ...rest, ...declared } : schema;
}

/** `anyOf` becomes `oneOf`. A null beside one type makes it nullable; beside several it is hidden. */
function union({ anyOf, oneOf, ...rest }) {
  if (!anyOf && !oneOf) return rest;
  const members = (anyOf ?? oneOf).flatMap(withNullBeside);
  const others = members.filter((member) => member !== NULL);
  if (others.length === members.length) return { ...rest, oneOf: members };
  if (others.length === 0) return { ...rest, ...NULL };
  if (others.length > 1) return { ...rest, oneOf: [...others, NULL] };
  return { ...others[0], ...rest, nullable: true };
}

/** Lists and maps lose that unions in them may be null. */
function contained(schema) {
  const changed = { ...schema };
  for (const key of ["items", "additionalProperties"]) {
    if (schema[key]?.oneOf) changed[key] = withHiddenNull(schema[key]);
  }
  return changed;
}

/** Nothing is read beside a reference, so one with neighbours is wrapped. */
function reference({ $ref, ...rest }) {
  if (!$ref) return rest;
  return Object.keys(rest).length ? { ...rest, allOf: [{ $ref }] } : { $ref };
}

const CHANGES = [types, constant, bytes, tuple, mixedEnum, literal, union, contained, (schema) => keep(KEYWORDS, schema), reference];

function normaliseSchema(schema, place) {
  return mapSchema(schema, place, (part) =>
    isNull(part) ? NULL : CHANGES.reduce((changed, change) => change(changed), part),
  );
}

/** A parameter that is not given is left out of the request: there is no null to send. */
function withoutNull({ nullable, oneOf, ...rest }) {
  const members = oneOf?.filter((member) => member !== NULL);
  return members ? { ...rest, oneOf: members } : rest;
}

/** The generator ignores that a body may be null, so the null is hidden from it. */
function withHiddenNull({ nullable, ...schema }) {
  return nullable ? { oneOf: [schema, NULL] } : schema;
}

/** What is sent or answered as a whole cannot be a declared type; of a boolean literal its type is left. */
function plainBoolean(schema) {
  const { $ref = schema.allOf?.[0].$ref, allOf, ...rest } = schema;
  return $ref === TRUE.$ref || $ref === FALSE.$ref ? { ...rest, type: "boolean" } : schema;
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
  if (Array.isArray(node)) return node.map((item, index) => normaliseNode(item, pointer(place, index)));
  if (node === null || typeof node !== "object") return node;
  return mapEntries(node, (value, key) => {
    const here = pointer(place, key);
    if (key === "responses") return normaliseNode(withoutErrorSchemas(value), here);
    if (key !== "schema") return normaliseNode(value, here);
    const schema = plainBoolean(normaliseSchema(value, here));
    return "in" in node ? withoutNull(schema) : withHiddenNull(schema);
  });
}

function normalise(document) {
  if (!/^3\.[01]\./.test(document.openapi)) throw new Error("this is no document of OpenAPI 3.0 or 3.1");
  const [{ components = {}, info = {}, servers, tags, paths }, places] = withTypeNames(document);
  const taken = DECLARED.find((name) => places.has(name));
  if (taken) throw new Error(`${places.get(taken)}: no schema can be named ${taken}`);
  const declared = Object.fromEntries(DECLARED.map((name) => [name, { type: "object" }]));
  const { schemas: given = {}, ...others } = components;
  const schemas = mapEntries(given, (schema, name) => normaliseSchema(schema, places.get(name)));
  return {
    openapi: "3.0.3",
    info: keep(INFO, info),
    servers,
    tags,
    paths: normaliseNode(paths, "#/paths"),
    components: { ...normaliseNode(others, "#/components"), schemas: { ...schemas, ...declared } },
  };
}

await forEachSpec(2, 0, (spec, output) => {
  writeFileSync(output, JSON.stringify(normalise(JSON.parse(readFileSync(spec, "utf8")))));
});
