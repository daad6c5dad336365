// Writes TypeScript types for JSON Schemas, for REST clients and WebSocket types.
import { docLines, pointer, propertyKey, resolveReference, typeNames } from "./schema.mjs";

const STEP = "  ";
const SCALARS = { boolean: "boolean", integer: "number", null: "null", number: "number", string: "string" };

// No literal has this type, so that a request can only contain what a response contained.
const UNRECOGNIZED = `/** A value of an enum that this client does not know, from a newer service: a \`switch\` needs a \`default\` for it. */
export type Unrecognized<T> = T & { readonly UNRECOGNIZED: true };
`;

/** Return a literal type; a number that JavaScript cannot hold is only a `number`. */
function literal(value) {
  return typeof value === "number" && !Number.isFinite(value) ? "number" : JSON.stringify(value);
}

/** Return the members of a union without duplicates; `unknown` includes all others. */
function distinct(members) {
  return members.includes("unknown") ? ["unknown"] : [...new Set(members)];
}

/** Return the type of which all `parts` hold; `unknown` adds nothing. */
function intersection(parts) {
  const known = [...new Set(parts)].filter((part) => part !== "unknown");
  if (known.length < 2) return known[0] ?? "unknown";
  return `(${known.map((part) => (/ \| /.test(part) && !/^[{(]/.test(part) ? `(${part})` : part)).join(" & ")})`;
}

/** Whether a string of a form is a file: its content is bytes. */
function isFile({ format, contentMediaType, contentEncoding, contentSchema }) {
  if (contentEncoding !== undefined) return false;
  return format === "binary" || (contentMediaType !== undefined && contentSchema === undefined && !/\bjson\b/.test(contentMediaType));
}

export class TypeWriter {
  #document;
  #schemas;
  #keys; // of the schemas, by the reference to them
  #needed = new Set(); // keys of schemas that the types refer to

  /** Write types for `document`; no type gets one of the `reserved` names. */
  constructor(document, reserved) {
    this.#document = document;
    this.#schemas = document.components?.schemas ?? {};
    this.#keys = new Map(Object.keys(this.#schemas).map((key) => [pointer("#/components/schemas", key), key]));
    this.names = typeNames(this.#schemas, reserved);
  }

  /** Return the type of a schema. `location` is its JSON pointer, `indent` the white space before its lines. */
  typeOf(schema, location, indent = "") {
    return this.#members(schema, location, indent).join(" | ");
  }

  /** Return the type of a parameter: one without a value is not sent, so null is not possible. */
  parameterType(schema, location, indent = "") {
    return this.#members(schema, location, indent).filter((member) => member !== "null").join(" | ") || "undefined";
  }

  /** Return the type of a form: files are Blobs, and null is not possible. */
  formType(schema, location, indent = "") {
    const { schema: form, location: source } = this.resolve(schema, location);
    if (!form.properties) return this.typeOf(schema, location, indent);
    const fields = Object.entries(form.properties).map(([name, property]) => ({
      ...property,
      name,
      type: this.#formField(property, pointer(source, "properties", name), indent + STEP),
      orUndefined: true,
    }));
    const open = form.additionalProperties === true ? [{ name: "[key: string]", type: "unknown" }] : [];
    return objectType(fields, form.required ?? [], indent, open);
  }

  /** Return the fields of a form with their schemas, and whether each is a file or a list of files. */
  formFields(schema, location) {
    const { schema: form, location: source } = this.resolve(Object(schema), location);
    return Object.entries(form.properties ?? {}).map(([name, property]) => {
      const at = pointer(source, "properties", name);
      return { name, schema: property, location: at, required: form.required?.includes(name) ?? false, isFile: this.#hasFile(property, at) };
    });
  }

  #hasFile(node, location) {
    const { schema, location: source } = this.resolve(Object(node), location);
    const members = [...(schema.anyOf ?? schema.oneOf ?? []), ...(schema.items ? [schema.items] : [])];
    return isFile(schema) || members.some((member) => this.#hasFile(member, source));
  }

  /** Return a schema without its references, and its location. */
  resolve(schema, location) {
    const seen = new Set();
    let found = { schema, location };
    while (found.schema.$ref !== undefined) {
      const { $ref } = found.schema;
      if (seen.has($ref)) throw new Error(`${location}: the reference ${$ref} points to itself`);
      seen.add($ref);
      found = { schema: resolveReference(this.#document, $ref, pointer(found.location, "$ref")), location: $ref };
    }
    return found;
  }

  /** Return the declarations of the schemas that the types refer to, and a map from their names to JSON pointers. */
  declarations() {
    const written = new Map();
    for (const key of this.#needed) {
      written.set(key, this.#declaration(this.names.get(key), this.#schemas[key], pointer("#/components/schemas", key)));
    }
    const keys = [...this.names.keys()].filter((key) => written.has(key));
    const declared = keys.map((key) => written.get(key));
    return {
      source: (declared.some((text) => text.includes(" | Unrecognized<")) ? [UNRECOGNIZED, ...declared] : declared).join("\n"),
      locations: Object.fromEntries(keys.map((key) => [this.names.get(key), pointer("#/components/schemas", key)])),
    };
  }

  #declaration(name, schema, location) {
    const comment = commentOf(schema, "");
    const values = "const" in Object(schema) ? [schema.const] : schema.nullable ? undefined : schema.enum;
    if (Array.isArray(values) && values.every((value) => value === null || typeof value !== "object")) {
      return comment + enumeration(name, values, schema["x-enum-varnames"], "const" in schema ? "" : unrecognized(values));
    }
    const members = this.#members(schema, location, "");
    if (members.length === 1 && /^\{[^]*\}$/.test(members[0]) && schema.properties) return `${comment}export interface ${name} ${members[0]}\n`;
    return `${comment}export type ${name} = ${brokenUnion(members)};\n`;
  }

  #formField(schema, location, indent) {
    const { schema: field, location: source } = this.resolve(schema, location);
    const union = field.anyOf ? "anyOf" : "oneOf";
    if (field[union]) {
      const members = field[union].map((member, index) => [member, pointer(source, union, index)]).filter(([{ type }]) => type !== "null");
      return distinct(members.map(([member, where]) => this.#formField(member, where, indent))).join(" | ");
    }
    if (isFile(field)) return "Blob";
    if (field.type === "array" && field.items && isFile(this.resolve(field.items, pointer(source, "items")).schema)) return "Blob[]";
    return this.parameterType(schema, location, indent);
  }

  /** Return the members of a schema's type, which is their union. */
  #members(schema, location, indent) {
    if (schema === true || schema === undefined) return ["unknown"];
    if (schema === false) return ["never"];
    if (schema.nullable === true) {
      const { nullable, ...rest } = schema;
      return distinct([...this.#members(rest, location, indent), "null"]);
    }
    if (schema.$ref !== undefined) return this.#reference(schema, location, indent);
    if ("const" in schema) return [literal(schema.const)];
    if (Array.isArray(schema.enum)) return distinct(schema.enum.map(literal));
    const parts = [this.#own(schema, location, indent), ...this.#combined(schema, location, indent)].filter(Boolean);
    if (parts.length === 0) return ["unknown"];
    return parts.length === 1 ? parts[0] : [intersection(parts.map((members) => members.join(" | ")))];
  }

  #reference({ $ref }, location, indent) {
    const key = this.#keys.get($ref);
    if (key === undefined) {
      const { schema, location: source } = this.resolve({ $ref }, location);
      return this.#members(schema, source, indent);
    }
    this.#needed.add(key);
    return [this.names.get(key)];
  }

  /** Return the members that `type` and its keywords stand for, or undefined if there are none. */
  #own(schema, location, indent) {
    const { type } = schema;
    if (Array.isArray(type)) return distinct(type.flatMap((each) => this.#own({ ...schema, type: each }, location, indent)));
    if (Object.hasOwn(SCALARS, type ?? "")) return [SCALARS[type]];
    if (type === "array" || (type === undefined && (schema.items ?? schema.prefixItems))) return [this.#array(schema, location, indent)];
    const isOpen = !(schema.properties ?? schema.additionalProperties ?? schema.patternProperties);
    if (type === "object" && isOpen && (schema.anyOf ?? schema.oneOf ?? schema.allOf)) return undefined;
    if (type === "object" || (type === undefined && !isOpen)) {
      return [this.#object(schema, location, indent)];
    }
    if (type !== undefined) throw new Error(`${pointer(location, "type")}: ${JSON.stringify(type)} is not a type of JSON Schema`);
    return undefined;
  }

  /** Return the members of each of `anyOf`, `oneOf` and `allOf`. */
  #combined(schema, location, indent) {
    const { allOf = [], discriminator } = schema;
    const unions = ["anyOf", "oneOf"].filter((key) => Array.isArray(schema[key])).map((key) =>
      distinct(schema[key].flatMap((member, index) => this.#unionMember(member, pointer(location, key, index), indent, discriminator))),
    );
    return [...unions, ...allOf.map((part, index) => this.#members(part, pointer(location, "allOf", index), indent))];
  }

  /** Return a member of a union; its discriminator is required, as pydantic requires it even if it has a default. */
  #unionMember(member, location, indent, discriminator) {
    const members = this.#members(member, location, indent);
    const key = discriminator?.propertyName;
    if (key === undefined || member.$ref === undefined) return members;
    const { schema, location: source } = this.resolve(member, location);
    const property = schema.properties?.[key];
    if (property === undefined) return members;
    const values = Object.entries(discriminator.mapping ?? {}).filter(([, reference]) => reference === member.$ref).map(([value]) => literal(value));
    const type = this.typeOf(property, pointer(source, "properties", key), indent);
    const value = type === "string" && values.length ? values.join(" | ") : type;
    if (value === type && schema.required?.includes(key)) return members;
    return [intersection([...members, `{ ${propertyKey(key)}: ${value} }`])];
  }

  #array(schema, location, indent) {
    const { prefixItems = Array.isArray(schema.items) ? schema.items : undefined } = schema;
    if (!prefixItems) return listOf(this.#members(schema.items, pointer(location, "items"), indent));
    const { minItems = 0, maxItems } = schema;
    const items = prefixItems.map((item, index) => {
      const type = this.typeOf(item, pointer(location, "prefixItems", index), indent);
      if (index < minItems) return type;
      return type.includes(" | ") ? `(${type})?` : `${type}?`;
    });
    const isOpen = schema.items !== false && schema.items !== schema.prefixItems && !(maxItems <= prefixItems.length);
    const rest = Array.isArray(schema.items) ? schema.additionalItems : schema.items;
    if (isOpen) items.push(`...${listOf(this.#members(rest, pointer(location, "items"), indent))}`);
    return `[${items.join(", ")}]`;
  }

  #object(schema, location, indent) {
    const { properties = {}, required = [], patternProperties = {} } = schema;
    const { additionalProperties = Object.keys(properties).length || Object.keys(patternProperties).length ? false : true } = schema;
    const inner = indent + STEP;
    const fields = Object.entries(properties).map(([name, property]) => ({
      ...property,
      name,
      type: this.typeOf(property, pointer(location, "properties", name), inner),
    }));
    const others = Object.entries(patternProperties).flatMap(([key, value]) => this.#members(value, pointer(location, "patternProperties", key), inner));
    if (additionalProperties !== false) others.push(...this.#members(additionalProperties, pointer(location, "additionalProperties"), inner));
    if (others.length === 0) return fields.length ? objectType(fields, required, indent) : "{ [key: string]: never }";
    const optional = fields.some(({ name }) => !required.includes(name)) ? ["undefined"] : [];
    const type = distinct([...others, ...fields.map((field) => field.type), ...optional]).join(" | ");
    if (fields.length === 0) return `{ [key: string]: ${type} }`;
    return objectType(fields, required, indent, [{ name: "[key: string]", type }]);
  }
}

function listOf(members) {
  return members.length === 1 ? `${members[0]}[]` : `(${members.join(" | ")})[]`;
}

/** Return an object type, one line for each field: its name, type and documentation. */
export function objectType(fields, required, indent, indexSignatures = []) {
  const inner = indent + STEP;
  const lines = fields.map((field) => {
    const optional = !required.includes(field.name);
    const type = optional && field.orUndefined && field.type !== "unknown" ? `${field.type} | undefined` : field.type;
    return `${commentOf(field, inner)}${inner}${propertyKey(field.name)}${optional ? "?" : ""}: ${type};\n`;
  });
  for (const { name, type } of indexSignatures) lines.push(`${inner}${name}: ${type};\n`);
  return lines.length ? `{\n${lines.join("")}${indent}}` : "{}";
}

/** Return a documentation comment with a line break, or "". */
export function commentOf(documented, indent) {
  const lines = docLines(Object(documented));
  if (lines.length === 0) return "";
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")}\n${indent} */\n`;
}

function brokenUnion(members) {
  const line = members.join(" | ");
  return members.length < 2 || line.length < 80 ? line : `\n${members.map((member) => `  | ${member}`).join("\n")}`;
}

/** Return an enum as a constant with its members and the type of their values. */
function enumeration(name, values, names = [], more = "") {
  const hasNames = names.length === values.length && new Set(names).size === names.length;
  const members = values.map((value, index) => `  ${propertyKey(hasNames ? String(names[index]) : memberKey(value))}: ${JSON.stringify(value)},\n`);
  return (
    `export const ${name} = {\n${[...new Set(members)].join("")}} as const;\n` +
    `export type ${name} = (typeof ${name})[keyof typeof ${name}]${more};\n`
  );
}

/** Return the member of an enum's type for the values that a newer service has beside these; "" if they are not texts or numbers. */
function unrecognized(values) {
  const types = distinct(values.filter((value) => value !== null).map((value) => typeof value));
  return types.length === 1 && ["string", "number"].includes(types[0]) ? ` | Unrecognized<${types[0]}>` : "";
}

/** Return a name for the value of an enum without names: -1 -> `NUMBER_MINUS_1`; texts name themselves. */
function memberKey(value) {
  if (typeof value === "number") return `NUMBER_${String(value).replace("-", "MINUS_").replaceAll(/\W/g, "_")}`;
  return typeof value === "string" ? value : String(value).toUpperCase();
}
