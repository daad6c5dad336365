import { basename, join } from "node:path";
import { ESLint } from "eslint";
import { expect, it } from "vitest";
import { FRONTEND } from "./support/workspace";

const eslint = new ESLint({ cwd: FRONTEND });

/** Return the ESLint rules that `code` violates. */
async function violations(filePath: string, code: string): Promise<(string | null)[]> {
  const [result] = await eslint.lintText(code, { filePath });
  return result?.messages.map((message) => message.ruleId) ?? [];
}

const USE = "export const api = new BrokerApi();\n";

it.each([
  ['import { BrokerApi } from "@/clients/trader-client-broker";\n', "src/composables/x.ts"],
  ['import { BrokerApi } from "../clients/trader-client-broker";\n', "src/composables/x.ts"],
  ['import { BrokerApi } from "./clients/trader-client-broker/api";\n', "src/main.ts"],
])("only src/plugins may import from src/clients: %s", async (statement, file) => {
  expect(await violations(file, statement + USE)).toEqual(["no-restricted-imports"]);
  expect(await violations("src/plugins/x.ts", statement + USE)).toEqual([]);
});

it("components and lazy imports are checked, too", async () => {
  const component = '<script setup lang="ts">\nimport "@/clients/trader-client-broker";\n</script>\n\n<template><p /></template>\n';
  expect(await violations("src/components/X.vue", component)).toContain("no-restricted-imports");
  const lazy = 'export const load = () => import("@/clients/trader-client-broker");\n';
  expect(await violations("src/main.ts", lazy)).toEqual(["no-restricted-syntax"]);
});

it.each([
  ["src/main.ts", 'export const load = (name: string) => import(`@/clients/${name}`);\n'],
  ["src/main.ts", 'export const all = import.meta.glob("./clients/*/index.ts");\n'],
  ["src/main.ts", 'export const all = import.meta.glob(["./lib/*.ts", "./clients/*/index.ts"]);\n'],
  ["src/lib/x.ts", "export const all = import.meta.glob(`../clients/*/index.ts`);\n"],
  ["src/lib/x.js", 'export const load = () => import("../clients/trader-client-broker");\n'],
])("computed imports are checked, too, in %s: %s", async (file, code) => {
  expect(await violations(file, code)).toEqual(["no-restricted-syntax"]);
  expect(await violations(join("src/plugins", basename(file)), code)).toEqual([]);
});

it("JavaScript is checked, too", async () => {
  const statement = 'import { BrokerApi } from "@/clients/trader-client-broker";\n';
  expect(await violations("src/lib/x.js", statement + USE)).toEqual(["no-restricted-imports"]);
});

it("imports of types are checked, too", async () => {
  const named = 'import type { BrokerApi } from "@/clients/trader-client-broker";\n\nexport type Api = BrokerApi;\n';
  expect(await violations("src/main.ts", named)).toEqual(["no-restricted-imports"]);
  const inline = 'export type Api = import("@/clients/trader-client-broker").BrokerApi;\n';
  expect(await violations("src/main.ts", inline)).toEqual(["no-restricted-syntax"]);
  const whole = 'export type Api = typeof import("../clients/ws-types-broker");\n';
  expect(await violations("src/composables/x.ts", whole)).toEqual(["no-restricted-syntax"]);
  expect(await violations("src/plugins/x.ts", named + inline.replace("Api", "Same"))).toEqual([]);
});

it("other folders may be imported", async () => {
  expect(await violations("src/main.ts", 'import "@/plugins/apiAdapter";\nimport "./clientsList";\n')).toEqual([]);
});
