// The operations of an OpenAPI document: what a call of each sends, and the types of its arguments and responses.
import { docLines, freeName, memberName, pointer, propertyKey, resolveReference, typeName } from "./schema.mjs";
import { objectType } from "./schema-types.mjs";

export const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

const LOCATIONS = ["path", "query", "header", "cookie"];
const STYLES = { path: "simple", header: "simple", query: "form", cookie: "form" };
// What a list in the query is joined with if it is not repeated.
const SEPARATORS = { form: ",", spaceDelimited: " ", pipeDelimited: "|" };
const JSON_TYPE = /^application\/([\w.+-]+\+)?json\s*(;|$)/i;
const LINES_TYPE = /^application\/(jsonl|x-jsonl|x-ndjson|jsonlines)\s*(;|$)/i;
const EVENTS_TYPE = /^text\/event-stream\s*(;|$)/i;
const FORM_TYPE = /^(multipart\/form-data|application\/x-www-form-urlencoded)\s*(;|$)/i;
const NO_CONTENT = /^(1..|1XX|204|205|304)$/;
const BINARY_BODY = "Blob | ArrayBuffer | Uint8Array<ArrayBuffer>";
const STREAMS = ["events", "eventData", "lines"];

const quote = (text) => JSON.stringify(text);
const isSuccess = (status) => /^[123]/.test(status);
const first = (entries, test) => entries.find(([media]) => test.test(media));

export class Operation {
  #document;
  #types;
  #item;
  #operation;

  constructor({ document, types, path, item, method, location }) {
    [this.#document, this.#types, this.#item, this.#operation] = [document, types, item, item[method]];
    [this.path, this.method, this.location] = [path, method, location];
    this.plainName = memberName(this.#operation.operationId ?? `${method} ${path}`);
    if (this.#operation.servers ?? this.#item.servers) {
      throw new Error(`${location}: has servers of its own, which is not supported; pass the address as basePath instead`);
    }
    this.parameters = this.#parameters();
    this.body = this.#body();
    this.responses = this.#responses();
    if (this.#entries(true).length > 1 && this.#entries(true).some(([, { kind }]) => STREAMS.includes(kind))) {
      throw new Error(`${pointer(location, "responses")}: a stream and another success status are not supported; make two operations`);
    }
  }

  /** Whether the types of this operation refer to ServerSentEvent. */
  get yieldsEvents() {
    return Object.values(this.responses).some(({ kind }) => kind === "events");
  }

  get isStream() {
    return STREAMS.includes(this.#entries(true)[0]?.[1].kind);
  }

  #resolve(node, location) {
    return node.$ref === undefined ? node : resolveReference(this.#document, node.$ref, pointer(location, "$ref"));
  }

  /** Return the parameters with the names of their arguments. */
  #parameters() {
    const own = (this.#operation.parameters ?? []).map((node, index) => [node, pointer(this.location, "parameters", index)]);
    const shared = (this.#item.parameters ?? []).map((node, index) => [node, pointer("#/paths", this.path, "parameters", index)]);
    const found = [...shared, ...own].map(([node, location]) => ({ ...this.#resolve(node, location), location }));
    const parameters = [...new Map(found.map((each) => [`${each.in} ${each.name}`, each])).values()];
    this.#checkPath(parameters);
    // `args.constructor` would be a function even if it was not given.
    const taken = new Set([...Object.getOwnPropertyNames(Object.prototype), ...(this.#operation.requestBody ? ["body"] : [])]);
    return parameters.map((parameter) => {
      const name = memberName(parameter.name);
      const alternative = taken.has(name) && name in {} ? `${name}_` : name + typeName(parameter.in);
      return { ...parameter, argument: freeName(name, taken, alternative), style: this.#style(parameter) };
    });
  }

  #checkPath(parameters) {
    for (const parameter of parameters) {
      if (LOCATIONS.includes(parameter.in)) continue;
      throw new Error(`${parameter.location}: a parameter cannot be in ${quote(parameter.in)}`);
    }
    const declared = new Set(parameters.filter((each) => each.in === "path").map((each) => each.name));
    const missing = [...this.path.matchAll(/\{([^}]+)\}/g)].find(([, name]) => !declared.has(name));
    if (missing) throw new Error(`${this.location}: the path parameter ${missing[1]} is not declared`);
  }

  /** Return how a value is written, if not like FastAPI's own parameters: a separator, "deepObject", "members" or "json". */
  #style({ location, content, schema, required, in: where, style = STYLES[where], explode = style === "form" }) {
    if (content) return "json";
    if (where === "query" && style === "deepObject") return style;
    if (this.#isObject(schema, location)) {
      if (where === "query" && style === "form" && explode) return "members";
      throw new Error(`${location}: an object with the style ${style} is not supported in the ${where}`);
    }
    if (where === "query" && !explode && style in SEPARATORS) return SEPARATORS[style];
    if (style === STYLES[where] && (explode === (style === "form") || where === "path" || where === "header")) {
      return where !== "path" && !required && this.#needsItems(schema, pointer(location, "schema")) ? "filled" : undefined;
    }
    throw new Error(`${location}: the style ${style} with explode: ${explode} is not supported in the ${where}`);
  }

  /**
   * Whether a service may take an empty list, of which nothing is sent, for its default, which may be another one: FastAPI
   * writes neither null (`list[int] = Query(default=None)`) nor what a factory makes.
   */
  #needsItems(node, location) {
    const { schema, location: source } = this.#types.resolve(Object(node), location);
    const members = (schema.anyOf ?? schema.oneOf ?? []).map((member) => this.#types.resolve(Object(member), source).schema);
    const value = node?.default ?? schema.default;
    return [schema, ...members].some(({ type }) => type === "array") && !(Array.isArray(value) && value.length === 0);
  }

  #isObject(node, location) {
    const { schema } = this.#types.resolve(Object(node), pointer(location, "schema"));
    return schema.type === "object" || (schema.anyOf ?? schema.oneOf ?? []).some((member) => this.#isObject(member, location));
  }

  /** Return how the body is sent; of several media types, JSON or else the first. */
  #body() {
    const node = this.#operation.requestBody;
    if (!node) return undefined;
    const location = node.$ref ?? pointer(this.location, "requestBody");
    const { content = {}, required = false, description } = this.#resolve(node, pointer(this.location, "requestBody"));
    const entries = Object.entries(content);
    const [media, { schema = true, encoding }] = first(entries, JSON_TYPE) ?? entries[0] ?? ["application/json", {}];
    if (encoding) throw new Error(`${pointer(location, "content", media, "encoding")}: an encoding of form fields is not supported`);
    const source = pointer(location, "content", media, "schema");
    const fields = FORM_TYPE.test(media) ? this.#types.formFields(schema, source) : [];
    const filled = fields.filter((field) => !field.required && this.#needsItems(field.schema, field.location)).map(({ name }) => name);
    // FastAPI declares a form model with a file like one without.
    const sentAs = fields.some(({ isFile }) => isFile) ? "multipart/form-data" : media;
    return { media, sentAs, filled, schema, required, description, location: source };
  }

  /** Return the kind and the type of each response, by status. */
  #responses() {
    const entries = Object.entries(this.#operation.responses ?? {}).map(([status, node]) => {
      const location = node.$ref ?? pointer(this.location, "responses", status);
      const response = this.#resolve(node, pointer(this.location, "responses", status));
      return [/^\dxx$/i.test(status) ? status.toUpperCase() : status, this.#response(status, response, location)];
    });
    return Object.fromEntries(entries);
  }

  #response(status, { content = {} }, location) {
    const entries = Object.entries(content);
    const hasBody = this.method !== "head" && !NO_CONTENT.test(status);
    if (!hasBody) return { kind: "none", media: [], type: () => "undefined" };
    // A FileResponse, for example: FastAPI does not know its media type.
    if (entries.length === 0) {
      return isSuccess(status) ? { kind: "bytes", media: [], type: () => "Blob" } : { kind: "none", media: [], type: () => "unknown" };
    }
    const media = entries.map(([each]) => each);
    const stream = first(entries, EVENTS_TYPE) ?? first(entries, LINES_TYPE);
    if (stream) return { media, ...this.#stream(entries, stream, pointer(location, "content", stream[0])) };
    const types = (indent) => entries.map(([each, { schema }]) => {
      const kind = kindOf(each);
      if (kind !== "json") return kind === "text" ? "string" : "Blob";
      return this.#types.typeOf(schema, pointer(location, "content", each, "schema"), indent);
    });
    // FastAPI declares free JSON for a function without a return type, which may return any Response.
    const isFree = types("").includes("unknown");
    const type = (indent) => (isFree ? "unknown" : [...new Set(types(indent))].join(" | "));
    const kinds = new Set(media.map(kindOf));
    return { kind: kinds.size > 1 || isFree ? "mixed" : [...kinds][0], media, type };
  }

  #stream(entries, [media, { itemSchema, schema }], location) {
    if (entries.length > 1) throw new Error(`${location}: a stream and another media type for one status are not supported; make two operations`);
    const item = (part, ...keys) => (indent) => `AsyncIterable<${this.#types.typeOf(part, pointer(location, ...keys), indent)}>`;
    if (!EVENTS_TYPE.test(media)) return { kind: "lines", type: item(itemSchema ?? true, "itemSchema") };
    const data = Object(itemSchema).properties?.data?.contentSchema ?? Object(schema).contentSchema;
    if (data === undefined) return { kind: "events", type: () => "AsyncIterable<ServerSentEvent>" };
    return { kind: "eventData", type: item(data, "itemSchema", "properties", "data", "contentSchema") };
  }

  /** The statuses of success; without any, the default response. */
  #successes() {
    const successes = Object.keys(this.responses).filter(isSuccess);
    return successes.length || !this.responses.default ? successes : ["default"];
  }

  #entries(isReply) {
    const successes = this.#successes();
    return Object.entries(this.responses).filter(([status]) => successes.includes(status) === isReply);
  }

  /** Return the type of the operation: its arguments, replies and errors. */
  type(indent) {
    const byStatus = (entries) => {
      const fields = entries.map(([name, { type }]) => ({ name, type: type(`${indent}    `) }));
      return objectType(fields, fields.map(({ name }) => name), `${indent}  `);
    };
    const parts = { arguments: this.#argumentsType(`${indent}  `), replies: byStatus(this.#entries(true)), errors: byStatus(this.#entries(false)) };
    const fields = Object.entries(parts).map(([name, type]) => ({ name, type }));
    return objectType(fields, Object.keys(parts), indent);
  }

  #argumentsType(indent) {
    const fields = this.parameters.map(({ argument, schema, content = {}, description, deprecated, location }) => {
      const [media] = Object.keys(content);
      const source = media === undefined ? pointer(location, "schema") : pointer(location, "content", media, "schema");
      const type = this.#types.parameterType(media === undefined ? schema : content[media].schema, source, `${indent}  `);
      return { name: argument, type, description, deprecated: deprecated ?? schema?.deprecated, orUndefined: true };
    });
    if (this.body) fields.push({ name: "body", type: this.#bodyType(`${indent}  `), description: this.body.description, orUndefined: true });
    return fields.length ? objectType(fields, this.#required(), indent) : "Record<string, never>";
  }

  #bodyType(indent) {
    const { media, schema, location } = this.body;
    if (JSON_TYPE.test(media)) return this.#types.typeOf(schema, location, indent);
    if (FORM_TYPE.test(media)) return this.#types.formType(schema, location, indent);
    return /^text\//i.test(media) ? "string" : BINARY_BODY;
  }

  /** Return the names of required arguments. A cookie is never required: a browser sends its own. */
  #required() {
    const required = this.parameters.filter((each) => each.in === "path" || (each.required && each.in !== "cookie"));
    return [...required.map(({ argument }) => argument), ...(this.body?.required ? ["body"] : [])];
  }

  /** Return what the template writes. Every key is there: the template would look for it elsewhere. */
  call() {
    const byLocation = (where) => this.parameters.filter((each) => each.in === where).map(({ name, argument }) => `${propertyKey(name)}: args.${argument}`);
    const styles = this.parameters.filter(({ style }) => style).map(({ name, style }) => `${propertyKey(name)}: ${quote(style)}`);
    const kinds = (isReply) => this.#entries(isReply).map(([status, { kind }]) => `${propertyKey(status)}: ${quote(kind)}`);
    const media = new Set(Object.values(this.responses).flatMap((response) => response.media));
    const [reply] = this.#entries(true);
    const doc = this.#doc();
    return {
      name: this.name,
      doc: doc.map((line) => (line ? ` ${line}` : "")),
      hasDoc: doc.length > 0,
      hasArguments: this.parameters.length > 0 || Boolean(this.body),
      allOptional: this.#required().length === 0,
      isStream: this.isStream,
      status: this.isStream ? propertyType(reply[0]) : false,
      method: quote(this.method.toUpperCase()),
      path: quote(this.path),
      values: LOCATIONS.map((where) => ({ where: `${where}${where === "query" ? "" : "Values"}`, pairs: byLocation(where) })).filter(({ pairs }) => pairs.length),
      styles,
      body: this.body ? { media: quote(this.body.sentAs), filled: this.body.filled.length ? `{ ${this.body.filled.map((name) => `${propertyKey(name)}: "filled"`).join(", ")} }` : false } : false,
      accept: media.size ? quote([...media].join(", ")) : false,
      apiKeys: this.#apiKeys(),
      replies: kinds(true),
      errors: kinds(false),
    };
  }

  /** Return the lines of the comment. FastAPI makes a summary of the function's name, which says nothing new. */
  #doc() {
    const { summary = "", description = "", deprecated } = this.#operation;
    const isName = this.plainName.toLowerCase().startsWith(summary.replaceAll(/[\W_]/g, "").toLowerCase());
    return docLines({ description: [isName ? "" : summary, description].filter(Boolean).join("\n\n"), deprecated });
  }

  /** Return the API keys that the operation may need; a token or password is sent with every call. */
  #apiKeys() {
    const { security = this.#document.security ?? [] } = this.#operation;
    const schemes = this.#document.components?.securitySchemes ?? {};
    return [...new Set(security.flatMap(Object.keys))].flatMap((name) => {
      const location = pointer("#/components/securitySchemes", name);
      if (!Object.hasOwn(schemes, name)) throw new Error(`${pointer(this.location, "security")}: ${location} does not exist`);
      const { type, in: where, name: key } = this.#resolve(schemes[name], location);
      return type === "apiKey" ? [`{ in: ${quote(where)}, name: ${quote(key)} }`] : [];
    });
  }
}

/** Return the literal type of a status, as the key of a type has it. */
function propertyType(status) {
  return /^\d+$/.test(status) ? status : quote(status);
}

function kindOf(media) {
  if (JSON_TYPE.test(media)) return "json";
  return /^text\//i.test(media) ? "text" : "bytes";
}
