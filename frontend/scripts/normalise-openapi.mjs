#!/usr/bin/env node
// Usage: normalise-openapi.mjs (SPEC OUTPUT)...
// Writes a copy of each OpenAPI 3.1 spec as OpenAPI 3.0, for which openapi-generator writes the right
// types. With 3.1 it takes a quarter longer, merges the members of `anyOf`, loses null in unions,
// turns tuples into any[], and names inline types after titles, which are not unique.
import { readFileSync, writeFileSync } from "node:fs";
import { REF, forEachSpec, isNull, mapEntries, mapSchema, pointer, renameSchemas } from "./schema.mjs";

// Types that complete-clients.mjs declares. The generator keeps references to them, whereas it loses
// null, true and false as members of a union.
const NULL = { $ref: `${REF}JsonNull` };
const TRUE = { $ref: `${REF}JsonTrue` };
const FALSE = { $ref: `${REF}JsonFalse` };
const DECLARED = ["JsonNull", "JsonTrue", "JsonFalse"];

// The keywords that decide the type and its comment. Titles would name types; the others are validation.
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

/** Replace a list of types with a union. */
function types({ type, ...rest }) {
  if (!Array.isArray(type)) return type === undefined ? rest : { type, ...rest };
  return { oneOf: type.map((each) => (each === "null" ? NULL : { type: each, ...rest })) };
}

/** Replace a constant with an enum with one member. */
function constant({ const: value, ...rest }) {
  return value === undefined ? rest : { ...rest, enum: [value] };
}

/** Replace a string that contains bytes with a file; a string that contains JSON stays a string. */
function bytes({ contentMediaType, contentSchema, ...rest }) {
  return contentMediaType && !contentSchema ? { ...rest, format: "binary" } : rest;
}

/** Replace a tuple with a list of a union of its types. */
function tuple({ prefixItems, ...rest }) {
  if (!prefixItems) return rest;
  const members = prefixItems.flatMap(splitNullable);
  const distinct = [...new Map(members.map((item) => [JSON.stringify(item), item])).values()];
  return { ...rest, items: distinct.length === 1 ? distinct[0] : union({ oneOf: distinct }) };
}

/** Return a schema as members of a union: a nullable one as two. */
function splitNullable(schema) {
  if (!schema.nullable) return [schema];
  const { nullable, ...member } = schema;
  return [member, NULL];
}

/** Replace an enum of strings and numbers with a union of enums; an enum that contains null becomes nullable. */
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

/** Replace an enum whose only member is null, true or false with a declared type. */
function literal(schema) {
  const { enum: values, type, ...rest } = schema;
  const declared = values?.length === 1 && new Map([[null, NULL], [true, TRUE], [false, FALSE]]).get(values[0]);
  return declared ? { ...rest, ...declared } : schema;
}

/** Replace `anyOf` with `oneOf`. Null and one other member become a nullable schema; of more, null stays a member. */
function union({ anyOf, oneOf, ...rest }) {
  if (!anyOf && !oneOf) return rest;
  const members = (anyOf ?? oneOf).flatMap(splitNullable);
  const others = members.filter((member) => member !== NULL);
  if (others.length === members.length) return { ...rest, oneOf: members };
  if (others.length === 0) return { ...rest, ...NULL };
  if (others.length > 1) return { ...rest, oneOf: [...others, NULL] };
  return { ...others[0], ...rest, nullable: true };
}

/** Make null a member of a nullable union in a list or map, where the generator ignores `nullable`. */
function contained(schema) {
  const changed = { ...schema };
  for (const key of ["items", "additionalProperties"]) {
    if (schema[key]?.oneOf) changed[key] = nullAsMember(schema[key]);
  }
  return changed;
}

/** Wrap a reference that has siblings, which OpenAPI 3.0 ignores. */
function reference({ $ref, ...rest }) {
  if (!$ref) return rest;
  return Object.keys(rest).length ? { ...rest, allOf: [{ $ref }] } : { $ref };
}

const CHANGES = [types, constant, bytes, tuple, mixedEnum, literal, union, contained, (schema) => keep(KEYWORDS, schema), reference];

function normaliseSchema(schema, location) {
  return mapSchema(schema, location, (part) =>
    isNull(part) ? NULL : CHANGES.reduce((changed, change) => change(changed), part),
  );
}

/** Return the schema of a parameter without null: a parameter without a value is not sent. */
function withoutNull({ nullable, oneOf, ...rest }) {
  const members = oneOf?.filter((member) => member !== NULL);
  return members ? { ...rest, oneOf: members } : rest;
}

/** Make null a member of a union, for the schema of a body, where the generator ignores `nullable`. */
function nullAsMember({ nullable, ...schema }) {
  return nullable ? { oneOf: [schema, NULL] } : schema;
}

/** Replace a declared boolean with `boolean`: the schema of a body or parameter cannot be a declared type. */
function plainBoolean(schema) {
  const { $ref = schema.allOf?.[0].$ref, allOf, ...rest } = schema;
  return $ref === TRUE.$ref || $ref === FALSE.$ref ? { ...rest, type: "boolean" } : schema;
}

const isSuccess = (status) => /^[123]/.test(status);

/**
 * Remove the schemas of error responses, which the generator would resolve for every operation and
 * which the clients do not use; the media types stay, for the Accept header. Without a declared
 * success, `default` is the response.
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

/** Return `node`, to which `location` points, with every schema inside it normalised. */
function normaliseNode(node, location) {
  if (Array.isArray(node)) return node.map((item, index) => normaliseNode(item, pointer(location, index)));
  if (node === null || typeof node !== "object") return node;
  return mapEntries(node, (value, key) => {
    const here = pointer(location, key);
    if (key === "responses") return normaliseNode(withoutErrorSchemas(value), here);
    if (key !== "schema") return normaliseNode(value, here);
    const schema = plainBoolean(normaliseSchema(value, here));
    return "in" in node ? withoutNull(schema) : nullAsMember(schema);
  });
}

function normalise(document) {
  if (!/^3\.[01]\./.test(document.openapi)) throw new Error("not an OpenAPI document of version 3.0 or 3.1");
  const [{ components = {}, info = {}, servers, tags, paths }, pointers] = renameSchemas(document);
  const taken = DECLARED.find((name) => pointers.has(name));
  if (taken) throw new Error(`${pointers.get(taken)}: the name ${taken} is reserved; rename the schema`);
  const declared = Object.fromEntries(DECLARED.map((name) => [name, { type: "object" }]));
  const { schemas: given = {}, ...others } = components;
  const schemas = mapEntries(given, (schema, name) => normaliseSchema(schema, pointers.get(name)));
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
