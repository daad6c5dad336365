import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Parser } from "@asyncapi/parser";
import { expect, it } from "vitest";
import { FRONTEND } from "./support/workspace";

const MODULES = join(FRONTEND, "../backend/src/trading_api/modules");
const SPECS = readdirSync(MODULES)
  .map((module) => join(module, "specs/asyncapi.json"))
  .filter((spec) => existsSync(join(MODULES, spec)));

/** Severities of the parser: 0 is an error, 1 a warning, and the others are recommendations. */
const WARNING = 1;

const parser = new Parser();

async function problems(text: string): Promise<string[]> {
  const { diagnostics } = await parser.parse(text);
  return diagnostics
    .filter(({ severity }) => severity <= WARNING)
    .map(({ path, message }) => `${path.join(".")}: ${message}`);
}

it.each(SPECS)("%s is a valid AsyncAPI document", async (spec) => {
  expect(await problems(readFileSync(join(MODULES, spec), "utf8"))).toEqual([]);
});

it.each([
  ["an unknown channel", '"$ref": "#/channels/', '"$ref": "#/channels/gone-', /does not exist/],
  ["an unknown type", '"type": "object"', '"type": "objekt"', /"type" property/],
])("a document with %s is invalid", async (_, from, to, problem) => {
  const text = readFileSync(join(MODULES, SPECS[0] ?? ""), "utf8");
  expect(text).toContain(from);
  expect((await problems(text.replace(from, to))).join("\n")).toMatch(problem);
});
