// What the generators of REST clients and of WebSocket types share: names of types, walks over
// JSON Schemas, and the refusal of what has no type.

const MAPS_OF_SCHEMAS = ["properties", "patternProperties", "$defs"];
const LISTS_OF_SCHEMAS = ["anyOf", "oneOf", "allOf", "prefixItems"];
const SCHEMAS = ["items", "additionalProperties", "propertyNames"];
const TYPING_KEYWORDS = ["$ref", "type", "enum", "const", "anyOf", "oneOf", "allOf"];
const REF = "#/components/schemas/";

// openapi-generator takes these for types of its own, and mixes them up with a model's.
const RESERVED = new Set(
  "AnyType Array BigDecimal Binary Boolean ByteArray Date DateTime Decimal Double Error File Float Integer List Long Map Object ReadonlyArray Set String URI UUID".split(
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

/**
 * Return a copy of the document whose components, and every reference to them, have their
 * TypeScript names. Two components with one name are an error.
 */
export function withTypeNames(document) {
  const names = new Map();
  for (const component of Object.keys(document.components?.schemas ?? {})) {
    const name = typeName(component);
    const other = names.get(name);
    if (other) throw new Error(`schemas ${other} and ${component} would both be named ${name}`);
    names.set(name, component);
  }
  const rename = (key, value) =>
    typeof value === "string" && value.startsWith(REF)
      ? REF + typeName(value.slice(REF.length))
      : value;
  const copy = JSON.parse(JSON.stringify(document), rename);
  if (copy.components?.schemas) {
    const entries = Object.entries(copy.components.schemas);
    copy.components.schemas = Object.fromEntries(entries.map(([key, s]) => [typeName(key), s]));
  }
  return copy;
}

/**
 * Return a copy of `schema` in which `change(part, place)` was applied to every schema, the
 * innermost first. Properties that happen to be called `title` or `items` are no keywords, so only
 * the places where a schema holds schemas are visited. What has no type is an error.
 */
export function mapSchema(schema, place, change) {
  if (schema === false) return schema;
  refuseUntyped(schema, place);
  const copy = { ...schema };
  const visit = (child, name) => mapSchema(child, `${place}.${name}`, change);
  for (const key of MAPS_OF_SCHEMAS) if (copy[key]) copy[key] = mapEntries(copy[key], visit);
  for (const key of LISTS_OF_SCHEMAS) if (copy[key]) copy[key] = copy[key].map(visit);
  for (const key of SCHEMAS) if (key in copy) copy[key] = visit(copy[key], key);
  return change(copy, place);
}

/** Return `object` with each value replaced by `change(value, key)`. */
export function mapEntries(object, change) {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => [key, change(value, key)]),
  );
}

function refuseUntyped(schema, place) {
  if (!TYPING_KEYWORDS.some((keyword) => keyword in Object(schema))) {
    throw new Error(`${place} has no type: give it one, for it would be "any" in TypeScript`);
  }
  for (const name of Object.keys(schema.properties ?? {})) {
    if (/['"`&<>\\\n]/.test(name)) {
      throw new Error(`${place}: the property name ${JSON.stringify(name)} cannot be generated`);
    }
  }
}
