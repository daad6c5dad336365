// Shared by prepare-openapi.mjs, asyncapi-types.mjs and the tests: names, JSON pointers and references.

/** The reserved words and globals that a type of a generated file must not hide. */
export const RESERVED_TYPES = ["AsyncIterable", "Blob", "ServerSentEvent", "Unrecognized"];

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u;

/** Return the words of a name: `get_order` -> `get`, `order`. */
function words(name) {
  return name.split(/[^\p{ID_Continue}]+|_+/u).filter(Boolean);
}

const capitalise = (word) => word.charAt(0).toUpperCase() + word.slice(1);

/** Return the TypeScript name of a schema or module: `Page_Order_` -> `PageOrder`. */
export function typeName(component) {
  const name = words(component).map(capitalise).join("");
  return IDENTIFIER.test(name) ? name : `Model${name}`;
}

/** Return the TypeScript name of an operation or argument: `order_id` -> `orderId`. */
export function memberName(name) {
  const [first = "", ...rest] = words(name);
  const member = first.charAt(0).toLowerCase() + first.slice(1) + rest.map(capitalise).join("");
  return IDENTIFIER.test(member) ? member : `_${member}`;
}

/** Return `name` as the key of an object literal or type; `"__proto__"` would set the prototype. */
export function propertyKey(name) {
  if (name === "__proto__") return '["__proto__"]';
  return IDENTIFIER.test(name) || /^[1-9]\d{0,8}$/.test(name) ? name : JSON.stringify(name);
}

/** Return `name`, or, if it is taken, the first free one of `alternatives` and of `name` with a number; and take it. */
export function freeName(name, taken, ...alternatives) {
  const candidates = [name, ...alternatives];
  for (let number = 2; candidates.every((candidate) => taken.has(candidate)); number += 1) candidates.push(name + number);
  const free = candidates.find((candidate) => !taken.has(candidate));
  taken.add(free);
  return free;
}

/** Return a map from each key of `schemas` to its TypeScript name, which none of the `reserved` names is. */
export function typeNames(schemas, reserved) {
  const taken = new Set([...RESERVED_TYPES, ...reserved]);
  return new Map(Object.keys(schemas).map((key) => [key, freeName(typeName(key), taken, `${typeName(key)}Model`)]));
}

/** Return the JSON pointer (RFC 6901) to a member of what `parent` points to. */
export function pointer(parent, ...keys) {
  const escaped = keys.map((key) => String(key).replaceAll("~", "~0").replaceAll("/", "~1"));
  return [parent, ...escaped].join("/");
}

/** Return what a reference within the document points to; `location` is the reference's own pointer. */
export function resolveReference(document, reference, location) {
  const [start, ...keys] = String(reference)
    .split("/")
    .map((key) => decodeURIComponent(key).replaceAll("~1", "/").replaceAll("~0", "~"));
  const found = start === "#" ? keys.reduce((node, key) => (node && Object.hasOwn(node, key) ? node[key] : undefined), document) : undefined;
  if (found === undefined) throw new Error(`${location}: the reference ${reference} points to nothing`);
  return found;
}

/** Return `object` with each value replaced by `change(value, key)`. */
export function mapEntries(object, change) {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value, key)]));
}

/** Return the lines of a documentation comment for `text` and the tags of a schema or operation. */
export function docLines({ description, deprecated, readOnly, writeOnly }) {
  const text = String(description ?? "").trim();
  const tags = [
    ...(readOnly ? ["Read-only: the service sets it, and ignores it in a request."] : []),
    ...(writeOnly ? ["Write-only: the service does not return it."] : []),
    ...(deprecated ? ["@deprecated"] : []),
  ];
  const lines = [...(text ? text.split(/\r\n|[\n\r\u2028\u2029]/) : []), ...tags];
  // A comment must not end early, nor switch the compiler's checks off.
  return lines.map((line) => line.trimEnd().replaceAll("*/", "*\\/").replaceAll("@ts-", "\\@ts-"));
}
