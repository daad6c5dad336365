// Shared by normalise-openapi.mjs and asyncapi-types.mjs: type names, walks over JSON Schemas,
// validation and error output.
import { dirname, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const MAPS_OF_SCHEMAS = ["properties", "patternProperties", "$defs"];
const LISTS_OF_SCHEMAS = ["anyOf", "oneOf", "allOf", "prefixItems"];
const SCHEMAS = ["items", "additionalProperties"];
const TYPING_KEYWORDS = ["$ref", "type", "enum", "const", "anyOf", "oneOf", "allOf"];
export const REF = "#/components/schemas/";
const REPOSITORY = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

// Type names that openapi-generator or its output already uses.
const RESERVED = new Set(
  "AnyType Array AxiosInstance AxiosPromise BigDecimal Binary Boolean ByteArray Configuration ConfigurationParameters Date DateTime Decimal Double Error File Float Integer List Long Map Object Promise RawAxiosRequestConfig ReadonlyArray RequestArgs Set String URI UUID".split(
    " ",
  ),
);

export const isNull = (schema) => schema.type === "null";

/** Whether the schema is an enum whose members have names. */
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

/** Return the JSON pointer (RFC 6901) to a member of what `parent` points to. */
export function pointer(parent, ...keys) {
  const escaped = keys.map((key) => String(key).replaceAll("~", "~0").replaceAll("/", "~1"));
  return [parent, ...escaped].join("/");
}

/**
 * Return a copy of the document in which the schemas and the references to them have their
 * TypeScript names, and a map from each name to the original pointer. Throw an error if two schemas
 * get the same name, or if a reference points to nothing.
 */
export function renameSchemas(document) {
  const components = Object.keys(document.components?.schemas ?? {});
  const pointers = new Map();
  for (const component of components) {
    const name = typeName(component);
    if (pointers.has(name)) {
      throw new Error(`${REF + component}: has the same TypeScript name, ${name}, as ${pointers.get(name)}; rename one`);
    }
    pointers.set(name, REF + component);
  }
  const names = new Map(components.map((key) => [REF + key, REF + typeName(key)]));
  const copy = renameReferences(document, "#", names, document);
  if (components.length) {
    const entries = Object.entries(copy.components.schemas);
    copy.components.schemas = Object.fromEntries(entries.map(([key, schema]) => [typeName(key), schema]));
  }
  return [copy, pointers];
}

function renameReferences(node, location, names, document, isReference = false) {
  if (typeof node === "string" && isReference) {
    if (names.has(node)) return names.get(node);
    if (node.startsWith(REF) || !exists(document, node)) {
      throw new Error(`${location}: the reference ${node} points to nothing`);
    }
    return node;
  }
  if (node === null || typeof node !== "object") return node;
  const isMapping = location.endsWith("/discriminator/mapping");
  const visit = (value, key) =>
    renameReferences(value, pointer(location, key), names, document, key === "$ref" || isMapping);
  return Array.isArray(node) ? node.map(visit) : mapEntries(node, visit);
}

function exists(document, reference) {
  const [start, ...keys] = reference.split("/").map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  return start === "#" && keys.reduce((node, key) => node?.[key], document) !== undefined;
}

/**
 * Return a copy of `schema` with `change` applied to it and to every schema inside it, innermost
 * first. Only keywords that hold schemas are visited: a property may be named `title` or `items`.
 * Throw an error with the pointer, which starts with `location`, if a schema has no type.
 */
export function mapSchema(schema, location, change) {
  if (schema === false) return schema;
  validate(schema, location);
  const copy = { ...schema };
  const visit = (child, ...keys) => mapSchema(child, pointer(location, ...keys), change);
  for (const key of MAPS_OF_SCHEMAS) {
    if (copy[key]) copy[key] = mapEntries(copy[key], (child, name) => visit(child, key, name));
  }
  for (const key of LISTS_OF_SCHEMAS) {
    if (copy[key]) copy[key] = copy[key].map((child, index) => visit(child, key, index));
  }
  for (const key of SCHEMAS) if (key in copy) copy[key] = visit(copy[key], key);
  return change(copy);
}

/** Return a copy of `object` with each value replaced by `change(value, key)`. */
export function mapEntries(object, change) {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, change(value, key)]),
  );
}

function validate(schema, location) {
  if (!TYPING_KEYWORDS.some((keyword) => keyword in Object(schema))) {
    throw new Error(`${location}: has no type and would be "any" in TypeScript; annotate it`);
  }
  for (const name of Object.keys(schema.properties ?? {})) {
    if (/['"`&<>\\\n]/.test(name)) {
      const problem = `the name ${JSON.stringify(name)} is not possible in the TypeScript clients; choose another alias`;
      throw new Error(`${pointer(location, "properties", name)}: ${problem}`);
    }
  }
}

/**
 * Call `generate` with each group of `size` command-line arguments. Print an error with the spec, the
 * argument at `specIndex` of the group, go on with the next group, and exit with 1 at the end.
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
