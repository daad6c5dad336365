// What the generators of REST clients and of WebSocket types share: names of types, walks over
// JSON Schemas, and the refusal of what has no type.
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const MAPS_OF_SCHEMAS = ["properties", "patternProperties", "$defs"];
const LISTS_OF_SCHEMAS = ["anyOf", "oneOf", "allOf", "prefixItems"];
const SCHEMAS = ["items", "additionalProperties"];
const TYPING_KEYWORDS = ["$ref", "type", "enum", "const", "anyOf", "oneOf", "allOf"];
export const REF = "#/components/schemas/";
const REPOSITORY = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

// Types of openapi-generator and of its output, which mix them up with a model's.
const RESERVED = new Set(
  "AnyType Array AxiosInstance AxiosPromise BigDecimal Binary Boolean ByteArray Configuration ConfigurationParameters Date DateTime Decimal Double Error File Float Integer List Long Map Object Promise RawAxiosRequestConfig ReadonlyArray RequestArgs Set String URI UUID".split(
    " ",
  ),
);

export const isNull = (schema) => schema.type === "null";

/** Whether the schema is an enum that tells the names of its members. */
export const isNamedEnum = (schema) =>
  Array.isArray(schema.enum) && schema["x-enum-varnames"]?.length === schema.enum.length;

/** Return the TypeScript name of a component: `Page_Order_` -> `PageOrder`, `Error` -> `ModelError`. */
export function typeName(component) {
  const name = component
    .split(/[^\p{L}\p{N}]+/u)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join("");
  return RESERVED.has(name) || /^\p{N}/u.test(name) ? `Model${name}` : name;
}

/** Return the JSON pointer (RFC 6901) of a part of `place`. */
export function pointer(place, ...keys) {
  const escaped = keys.map((key) => String(key).replaceAll("~", "~0").replaceAll("/", "~1"));
  return [place, ...escaped].join("/");
}

/**
 * Return a copy of the document whose components, and every reference to them, have their
 * TypeScript names, and the place of each component by that name. Two components with one name,
 * and a reference to none, are errors.
 */
export function withTypeNames(document) {
  const components = Object.keys(document.components?.schemas ?? {});
  const places = new Map();
  for (const component of components) {
    const name = typeName(component);
    const place = REF + component;
    if (places.has(name)) throw new Error(`${place}: would be named ${name}, as ${places.get(name)} is`);
    places.set(name, place);
  }
  const copy = renamed(document, "#", new Map(components.map((key) => [REF + key, REF + typeName(key)])), document);
  if (components.length) {
    const entries = Object.entries(copy.components.schemas);
    copy.components.schemas = Object.fromEntries(entries.map(([key, schema]) => [typeName(key), schema]));
  }
  return [copy, places];
}

function renamed(node, place, references, document, isReference = false) {
  if (typeof node === "string" && isReference) {
    if (references.has(node)) return references.get(node);
    if (node.startsWith(REF) || !leadsSomewhere(document, node)) {
      throw new Error(`${place}: the reference ${node} leads nowhere`);
    }
    return node;
  }
  if (node === null || typeof node !== "object") return node;
  const inside = (value, key) =>
    renamed(value, pointer(place, key), references, document, key === "$ref" || place.endsWith("/discriminator/mapping"));
  return Array.isArray(node) ? node.map(inside) : mapEntries(node, inside);
}

function leadsSomewhere(document, reference) {
  const [start, ...keys] = reference.split("/").map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  return start === "#" && keys.reduce((node, key) => node?.[key], document) !== undefined;
}

/**
 * Return a copy of `schema`, which is at `place`, in which `change(part)` was applied to every schema,
 * the innermost first. Properties that happen to be called `title` or `items` are no keywords, so
 * only the places where a schema holds schemas are visited. What has no type is an error.
 */
export function mapSchema(schema, place, change) {
  if (schema === false) return schema;
  refuseUntyped(schema, place);
  const copy = { ...schema };
  const visit = (child, ...keys) => mapSchema(child, pointer(place, ...keys), change);
  for (const key of MAPS_OF_SCHEMAS) {
    if (copy[key]) copy[key] = mapEntries(copy[key], (child, name) => visit(child, key, name));
  }
  for (const key of LISTS_OF_SCHEMAS) {
    if (copy[key]) copy[key] = copy[key].map((child, index) => visit(child, key, index));
  }
  for (const key of SCHEMAS) if (key in copy) copy[key] = visit(copy[key], key);
  return change(copy);
}

/** Return `object` with each value replaced by `change(value, key)`. */
export function mapEntries(object, change) {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, change(value, key)]),
  );
}

function refuseUntyped(schema, place) {
  if (!TYPING_KEYWORDS.some((keyword) => keyword in Object(schema))) {
    throw new Error(`${place}: has no type; annotate it, for it would be "any" in TypeScript`);
  }
  for (const name of Object.keys(schema.properties ?? {})) {
    if (/['"`&<>\\\n]/.test(name)) {
      throw new Error(`${pointer(place, "properties", name)}: the name ${JSON.stringify(name)} cannot be written; give it another alias`);
    }
  }
}

/**
 * Call `generate` with each `size` of the arguments of the command line, of which SPEC is the one at
 * `specIndex`. An error is printed with its spec, and makes 1 the exit code.
 */
export async function forEachSpec(size, specIndex, generate) {
  const values = process.argv.slice(2);
  for (let index = 0; index < values.length; index += size) {
    const job = values.slice(index, index + size);
    try {
      await generate(...job);
    } catch ({ message }) {
      const spec = relative(REPOSITORY, resolve(job[specIndex]));
      console.error(`error: ${spec}${message.startsWith("#") ? "" : ":"} ${message}`);
      process.exitCode = 1;
    }
  }
}
