import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Parser } from "@asyncapi/parser";
import { expect, it } from "vitest";
import { FRONTEND } from "./support/workspace";

const MODULES = join(FRONTEND, "../backend/src/trading_api/modules");
const SPECS = readdirSync(MODULES)
  .map((module) => join(module, "specs/asyncapi.json"))
  .filter((spec) => existsSync(join(MODULES, spec)));

/** Below this severity the parser only recommends: 0 is an error, 1 a warning. */
const RECOMMENDATION = 2;

const parser = new Parser();

interface Reference {
  $ref: string;
}
interface Document {
  info: { version?: string };
  operations: Record<string, { action: string; channel: Reference; messages: Reference[] }>;
  components: { schemas: Record<string, Record<string, unknown>> };
}

/** Return what the parser finds wrong. */
async function faults(text: string): Promise<string[]> {
  const { diagnostics } = await parser.parse(text);
  return diagnostics
    .filter(({ severity }) => severity < RECOMMENDATION)
    .map(({ path, message }) => `${path.join(".")}: ${message}`);
}

it("there are specs of both modules", () => {
  expect(SPECS).toEqual(expect.arrayContaining(["broker/specs/asyncapi.json", "datafeed/specs/asyncapi.json"]));
});

it.each(SPECS)("%s is a valid AsyncAPI document", async (spec) => {
  expect(await faults(readFileSync(join(MODULES, spec), "utf8"))).toEqual([]);
});

it.each<[string, (document: Document) => void, RegExp]>([
  ["has no version", ({ info }) => delete info.version, /required property "version"/],
  ["has an action of AsyncAPI 2", ({ operations }) => Object.assign(first(operations), { action: "publish" }), /"action" property/],
  ["names a channel that is not there", ({ operations }) => (first(operations).channel.$ref = "#/channels/gone"), /does not exist/],
  ["has a message of no channel", ({ operations }) => (first(operations).messages = [{ $ref: "#/components/messages/Ping" }]), /does not belong/],
  ["has an unknown type", ({ components }) => (first(components.schemas).type = "objekt"), /"type" property/],
  ["has OpenAPI's discriminator", ({ components }) => (first(components.schemas).discriminator = { propertyName: "type" }), /"discriminator"/],
])("a document that %s is not", async (_, spoil, fault) => {
  const document: Document = JSON.parse(readFileSync(join(MODULES, SPECS[0] ?? ""), "utf8"));
  spoil(document);
  expect((await faults(JSON.stringify(document))).join("\n")).toMatch(fault);
});

function first<T>(map: Record<string, T>): T {
  const [value] = Object.values(map);
  if (value === undefined) throw new Error("the spec has nothing to spoil there");
  return value;
}
