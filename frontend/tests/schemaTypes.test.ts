/** The TypeScript types of JSON Schemas, which REST clients and WebSocket types share. */
import { describe, expect, it } from "vitest";
import { memberName, typeName } from "../scripts/schema.mjs";
import { TypeWriter } from "../scripts/schema-types.mjs";

const SCHEMAS = {
  Cat: { type: "object", properties: { kind: { const: 1, default: 1 }, lives: { type: "integer" } }, required: ["lives"] },
  Dog: { type: "object", properties: { kind: { const: 2 }, name: { type: "string" } }, required: ["kind", "name"] },
  Bird: { type: "object", properties: { kind: { type: "string" } }, required: ["kind"] },
};
const CAT = { $ref: "#/components/schemas/Cat" };
const DOG = { $ref: "#/components/schemas/Dog" };
const NULL = { type: "null" };

function writer(schemas: object = SCHEMAS): TypeWriter {
  return new TypeWriter({ components: { schemas } }, ["ShopApi"]);
}

function typeOf(schema: unknown): string {
  return writer().typeOf(schema, "#").replace(/\s+/g, " ");
}

/** Return the declarations of schemas, all of which are used. */
function declare(schemas: Record<string, unknown>): string {
  const types = writer(schemas);
  for (const key of Object.keys(schemas)) types.typeOf({ $ref: `#/components/schemas/${key}` }, "#");
  return types.declarations().source;
}

it.each<[string, unknown, string]>([
  ["free JSON", {}, "unknown"],
  ["everything", true, "unknown"],
  ["nothing", false, "never"],
  ["free JSON in a union", { anyOf: [{ type: "string" }, {}] }, "unknown"],
  ["a dictionary of free JSON", { type: "object", additionalProperties: true }, "{ [key: string]: unknown }"],
  ["an object of which nothing is said", { type: "object" }, "{ [key: string]: unknown }"],
  ["a list of free JSON", { type: "array", items: {} }, "unknown[]"],
  ["several types", { type: ["string", "integer", "null"] }, "string | number | null"],
  ["a nullable component in a list", { type: "array", items: { anyOf: [CAT, NULL] } }, "(Cat | null)[]"],
  ["a nullable component in a map", { type: "object", additionalProperties: { anyOf: [CAT, NULL] } }, "{ [key: string]: Cat | null }"],
  ["a map whose keys have a pattern", { type: "object", patternProperties: { "^a": { type: "integer" } } }, "{ [key: string]: number }"],
  ["literals of several kinds", { enum: ["a", 1, null, true] }, '"a" | 1 | null | true'],
  ["a literal in a union", { anyOf: [{ type: "integer" }, { const: "auto" }] }, 'number | "auto"'],
  ["a list of literals", { type: "array", items: { enum: ["a", "b"] } }, '("a" | "b")[]'],
  ["a text with quotes and line breaks", { const: "a\"'`\n*/" }, '"a\\"\'`\\n*/"'],
  ["a number that JavaScript cannot hold", { const: Infinity }, "number"],
  ["a tuple", { type: "array", prefixItems: [{ type: "integer" }, CAT], minItems: 2, maxItems: 2 }, "[number, Cat]"],
  ["a tuple with optional items", { type: "array", prefixItems: [CAT, { anyOf: [DOG, NULL] }], minItems: 1, maxItems: 2 }, "[Cat, (Dog | null)?]"],
  ["a tuple with more items", { type: "array", prefixItems: [CAT], minItems: 1, items: DOG }, "[Cat, ...Dog[]]"],
  ["a union with one member", { anyOf: [CAT, CAT] }, "Cat"],
  ["an intersection", { allOf: [CAT, { anyOf: [DOG, NULL] }] }, "(Cat & (Dog | null))"],
  ["an allOf with one part", { allOf: [CAT], default: 1 }, "Cat"],
  ["the nullable of OpenAPI 3.0", { ...CAT, nullable: true }, "Cat | null"],
  ["bytes in JSON", { type: "string", format: "binary" }, "string"],
  ["an open object", { type: "object", properties: { a: { type: "integer" } }, additionalProperties: { type: "string" } },
    "{ a?: number; [key: string]: string | number | undefined; }"],
  ["properties named like keywords", { type: "object", properties: { type: { const: "x" }, items: CAT, "a-b": CAT, __proto__: CAT }, required: ["type"] },
    '{ type: "x"; items?: Cat; "a-b"?: Cat; }'],
  ["a reference into a schema", { $ref: "#/components/schemas/Dog/properties/name" }, "string"],
])("%s", (_, schema, expected) => {
  expect(typeOf(schema)).toBe(expected);
});

describe("a discriminated union", () => {
  it("requires the discriminator also of a member in which it has a default", () => {
    const schema = { oneOf: [CAT, DOG, NULL], discriminator: { propertyName: "kind", mapping: { 1: CAT.$ref, 2: DOG.$ref } } };
    expect(typeOf(schema)).toBe("(Cat & { kind: 1 }) | Dog | null");
  });

  it("takes the values of a plain string from the mapping", () => {
    const bird = { $ref: "#/components/schemas/Bird" };
    const schema = { oneOf: [bird], discriminator: { propertyName: "kind", mapping: { owl: bird.$ref, "b'": bird.$ref } } };
    expect(typeOf(schema)).toBe(`(Bird & { kind: "owl" | "b'" })`);
  });
});

describe("a parameter or form", () => {
  it("cannot be null, which is never sent", () => {
    expect(writer().parameterType({ anyOf: [{ type: "string" }, NULL] }, "#")).toBe("string");
    const form = { type: "object", properties: { a: { anyOf: [{ type: "string" }, NULL] } } };
    expect(writer().formType(form, "#")).toBe("{\n  a?: string | undefined;\n}");
  });

  it.each<[string, unknown, string]>([
    ["a file", { type: "string", format: "binary" }, "Blob"],
    ["a file of OpenAPI 3.1", { type: "string", contentMediaType: "application/octet-stream" }, "Blob"],
    ["files", { type: "array", items: { type: "string", format: "binary" } }, "Blob[]"],
    ["an optional file", { anyOf: [{ type: "string", contentMediaType: "image/png" }, NULL] }, "Blob"],
    ["JSON as text", { type: "string", contentMediaType: "application/json", contentSchema: {} }, "string"],
  ])("has Blobs for files: %s", (_, schema, expected) => {
    expect(writer().formType({ properties: { a: schema }, required: ["a"] }, "#")).toBe(`{\n  a: ${expected};\n}`);
  });
});

describe("a declaration", () => {
  it("is written only for schemas that are used", () => {
    const types = writer();
    types.typeOf({ type: "array", items: DOG }, "#");
    const { source, locations } = types.declarations();
    expect(source).toBe("export interface Dog {\n  kind: 2;\n  name: string;\n}\n");
    expect(locations).toEqual({ Dog: "#/components/schemas/Dog" });
  });

  it("keeps the lines of a comment, which cannot end it or switch checks off", () => {
    const source = declare({ A: { type: "object", description: "One.\n\n  Two */ code /*\n@ts-ignore", properties: { b: { deprecated: true, readOnly: true } } } });
    expect(source).toContain("/**\n * One.\n *\n *   Two *\\/ code /*\n * \\@ts-ignore\n */\nexport interface A");
    expect(source).toContain("   * @deprecated\n");
    expect(source).toContain("Read-only: ");
  });

  it("of an enum is a constant with legible keys and the type of its values", () => {
    expect(declare({ Side: { enum: [1, -1], "x-enum-varnames": ["BUY", "SELL"] } })).toContain(
      "export type Unrecognized<T> = T & { readonly UNRECOGNIZED: true };\n\nexport const Side = {\n  BUY: 1,\n  SELL: -1,\n} as const;\nexport type Side = (typeof Side)[keyof typeof Side] | Unrecognized<number>;\n",
    );
    expect(declare({ A: { enum: ["买", "*/*", "x\ny", "__proto__", -1.5, null] } })).toContain(
      '  买: "买",\n  "*/*": "*/*",\n  "x\\ny": "x\\ny",\n  ["__proto__"]: "__proto__",\n  NUMBER_MINUS_1_5: -1.5,\n  NULL: null,\n',
    );
    expect(declare({ A: { enum: ["a"], nullable: true } })).toBe('export type A = "a" | null;\n');
    expect(declare({ A: { const: "only", type: "string" } })).toMatch(/^export const A = \{\n {2}only: "only",\n\} as const;\nexport type A = [^|]*;\n$/);
    expect(declare({ A: { enum: ["a", "b", null] } })).toContain("[keyof typeof A] | Unrecognized<string>;\n");
    expect(declare({ A: { enum: [1, "b"] } })).not.toContain("Unrecognized");
  });

  it("of recursive schemas refers to them by name", () => {
    const self = { $ref: "#/components/schemas/Node" };
    expect(declare({ Node: { anyOf: [{ type: "array", items: self }, { type: "integer" }] } })).toBe("export type Node = Node[] | number;\n");
  });

  it("has a name of its own", () => {
    const schemas = { "Page_A_": CAT, "Page[A]": NULL, Blob: NULL, ShopApi: NULL, "3d": NULL, "größe-х": NULL };
    const names = [...declare({ ...schemas, Cat: SCHEMAS.Cat }).matchAll(/^export \w+ (\S+)/gm)].map(([, name]) => name);
    expect(names).toEqual(["PageA", "PageAModel", "BlobModel", "ShopApiModel", "Model3d", "GrößeХ", "Cat"]);
  });
});

describe("an error", () => {
  it.each<[unknown, string]>([
    [{ anyOf: [{ $ref: "#/components/schemas/Gone" }] }, "#/here/anyOf/0/$ref: the reference #/components/schemas/Gone points to nothing"],
    [{ properties: { "a/b": { $ref: "other.json" } } }, "#/here/properties/a~1b/$ref: the reference other.json points to nothing"],
    [{ $ref: "#/components/schemas/__proto__" }, "points to nothing"],
    [{ type: "objekt" }, '#/here/type: "objekt" is not a type of JSON Schema'],
  ])("names the JSON pointer: %j", (schema, message) => {
    expect(() => writer().typeOf(schema, "#/here")).toThrow(message);
  });
});

it("names of types and members are identifiers", () => {
  expect(["page_order", "Page[Order]", "3d", "a²", "$"].map(typeName)).toEqual(["PageOrder", "PageOrder", "Model3d", "A", "Model"]);
  expect(["order_id", "X-Request-ID", "2fa", "$filter[a]", "ünit", "@"].map(memberName)).toEqual(["orderId", "xRequestID", "_2fa", "filterA", "ünit", "_"]);
});
