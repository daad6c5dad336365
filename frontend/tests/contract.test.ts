/** Compares the generated clients with the Python models, not with the specs that both come from. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { typeName } from "../scripts/schema.mjs";
import { clientSource, readClient, readPython, type PythonModels } from "./contract/models";
import { FRONTEND } from "./support/workspace";

const REST = /^trader-client-(.+)$/;
const WS = /^ws-types-(.+)$/;
const FOLDERS = readdirSync(join(FRONTEND, "src/clients")).filter((folder) => REST.test(folder) || WS.test(folder));

type Members = Record<string, unknown>;

let python: PythonModels;

beforeAll(() => {
  python = readPython();
});

function source(folder: string): string {
  return clientSource(`${folder}/${REST.test(folder) ? "models.ts" : "index.ts"}`);
}

/** Return a sentence for each difference between a generated client and the Python models. */
function differences(folder: string, text: string, { models, enums, streams }: PythonModels): string[] {
  const client = readClient(text);
  const knownModels = withTypeNames({ ...models, ...streams[WS.exec(folder)?.[1] ?? ""]?.messages });
  const knownEnums = withTypeNames(enums);
  return [
    ...Object.entries(client.models).flatMap(([name, fields]) =>
      isGenerated(folder, name) ? [] : compare(folder, name, knownModels[name], fields),
    ),
    ...Object.entries(client.enums).flatMap(([name, members]) =>
      compare(folder, name, knownEnums[name], members),
    ),
  ];
}

/** Compare the members of one model or enum. */
function compare(folder: string, owner: string, expected: Members | undefined, found: Members): string[] {
  if (!expected) return [`${folder}: ${owner} is unknown in Python`];
  return [...new Set([...Object.keys(expected), ...Object.keys(found)])].flatMap((name) => {
    const [inPython, inClient] = [describeMember(expected[name]), describeMember(found[name])];
    return inPython === inClient ? [] : [`${folder}: ${owner}.${name} is ${inClient}, in Python ${inPython}`];
  });
}

function describeMember(value: unknown): string {
  return value === undefined ? "missing" : JSON.stringify(value);
}

/** Whether a generator adds the interface: the map of operations or streams. */
function isGenerated(folder: string, name: string): boolean {
  const module = typeName(REST.exec(folder)?.[1] ?? WS.exec(folder)?.[1] ?? "");
  return name === `${module}${REST.test(folder) ? "Operations" : "Streams"}`;
}

function withTypeNames<T>(byClass: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(byClass).map(([name, value]) => [typeName(name), value]));
}

function edit(folder: string, from: string, to: string): string {
  const text = source(folder);
  if (!text.includes(from)) throw new Error(`${folder} does not contain ${from}`);
  return text.replace(from, to);
}

describe("Python models, REST clients and WebSocket types", () => {
  it.each(FOLDERS)("have the same enums, fields, optionality and null: %s", (folder) => {
    expect(differences(folder, source(folder), python)).toEqual([]);
  });

  it("include every Python model and enum", () => {
    const clients = FOLDERS.map((folder) => readClient(source(folder)));
    const names = new Set(clients.flatMap(({ models, enums }) => [...Object.keys(models), ...Object.keys(enums)]));
    const messages = Object.values(python.streams).flatMap((module) => Object.keys(module.messages));
    const all = [...Object.keys(python.models), ...Object.keys(python.enums), ...messages];
    expect(all.filter((name) => !names.has(typeName(name)))).toEqual([]);
    expect(all).toContain("PlacedOrder");
  });

  it("have the same request and update for each stream", () => {
    const modules = FOLDERS.flatMap((folder) => WS.exec(folder)?.[1] ?? []);
    expect(modules.sort()).toEqual(Object.keys(python.streams).sort());
    for (const [module, { streams }] of Object.entries(python.streams)) {
      const code = source(`ws-types-${module}`);
      const body = new RegExp(`interface ${typeName(module)}Streams \\{\\n([\\s\\S]*?)\\n\\}`).exec(code)?.[1] ?? "";
      const found = [...body.matchAll(/(\w+): \{\s*request: (\w+);\s*update: (\w+);/g)].map(([, ...names]) => names);
      expect(found).toEqual(Object.entries(streams).map(([name, types]) => [name, ...types.map(typeName)]));
    }
  });
});

describe("a difference is reported with its model and field", () => {
  const rest = "trader-client-broker";
  const ws = "ws-types-broker";

  it.each([
    [rest, "an optional field", "  qty: number;", "  qty?: number;", "Execution.qty"],
    [rest, "a missing null", "limitPrice?: number | null;", "limitPrice?: number;", "PlacedOrder.limitPrice"],
    [rest, "a renamed field", "avgPrice: number;", "avg_price: number;", "Position.avg_price"],
    [rest, "another value of an enum", "SELL: -1", "SELL: 2", "Side.SELL"],
    [rest, "another name in an enum", "GUARANTEED_STOP: 2", "Variant2: 2", "StopType.Variant2"],
    [rest, "a renamed model", "export interface Brackets", "export interface Bracket", "Bracket is unknown in Python"],
    ["trader-client-datafeed", "a missing literal", 's: "ok"', 's: "fine"', "QuoteData.s"],
    [ws, "a required field", "updateTime?: number", "updateTime: number", "PlacedOrder.updateTime"],
    [ws, "a required nullable field", "stopLoss?: number | null", "stopLoss: number | null", "PlacedOrder.stopLoss"],
    [ws, "a missing field", "parentId?: string | null;", "", "PlacedOrder.parentId"],
    [ws, "another value of an enum", "CONNECTED: 1", "CONNECTED: 0", "ConnectionStatus.CONNECTED"],
    [ws, "another type of a message", '"orders.update"', '"order.update"', "OrdersUpdate.type"],
  ])("%s: %s", (folder, _, from, to, sentence) => {
    expect(differences(folder, edit(folder, from, to), python).join("\n")).toContain(sentence);
  });

  it.each<[string, (models: PythonModels) => void, string]>([
    ["a new field", ({ models }) => Object.assign(models.Position ?? {}, { pnl: {} }), "Position.pnl is missing"],
    ["a nullable field", ({ models }) => Object.assign(models.Execution?.price ?? {}, { nullable: true }), "Execution.price"],
    ["a new member of an enum", ({ enums }) => Object.assign(enums.Side ?? {}, { SHORT: 3 }), "Side.SHORT is missing"],
  ])("Python: %s", (_, change, sentence) => {
    const changed = structuredClone(python);
    change(changed);
    for (const folder of [rest, ws]) {
      expect(differences(folder, source(folder), changed).join("\n")).toContain(`${folder}: ${sentence}`);
    }
  });
});
