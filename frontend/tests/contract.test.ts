import { readdirSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { typeName } from "../scripts/schema.mjs";
import {
  clientSource,
  readClient,
  readPython,
  type ClientVocabulary,
  type Enums,
  type Models,
  type PythonVocabulary,
} from "./contract/vocabulary";
import { FRONTEND } from "./support/workspace";

const REST = /^trader-client-(.+)$/;
const WS = /^ws-types-(.+)$/;
const FOLDERS = readdirSync(join(FRONTEND, "src/clients")).filter((folder) => REST.test(folder) || WS.test(folder));

let python: PythonVocabulary;

beforeAll(() => {
  python = readPython();
});

function source(folder: string): string {
  return clientSource(`${folder}/${REST.test(folder) ? "api.ts" : "index.ts"}`);
}

/** Return the sentences that tell where a generated client and the Python models differ. */
function differences(folder: string, text: string, models: PythonVocabulary): string[] {
  const client = readClient(text);
  const known = named({ ...models.models, ...models.streams[WS.exec(folder)?.[1] ?? ""]?.messages });
  return [
    ...Object.entries(client.models).flatMap(([model, fields]) => {
      if (isOwn(folder, model)) return [];
      return known[model] ? unequal(folder, model, known[model], fields) : [`${folder}: ${model} is no Python model`];
    }),
    ...enumDifferences(folder, client, named(models.enums), known),
  ];
}

function enumDifferences(folder: string, client: ClientVocabulary, enums: Enums, models: Models): string[] {
  return Object.entries(client.enums).flatMap(([name, members]) => {
    const literal = Object.keys(models).some((model) => name.startsWith(model) && name.endsWith("Enum"));
    if (literal) return [];
    return enums[name] ? unequal(folder, name, enums[name], members) : [`${folder}: ${name} is no Python enum`];
  });
}

/** Compare the members of one model or enum. */
function unequal(folder: string, owner: string, model: object, client: object): string[] {
  const [expected, found]: Record<string, unknown>[] = [{ ...model }, { ...client }];
  return [...new Set([...Object.keys(expected ?? {}), ...Object.keys(found ?? {})])].flatMap((name) => {
    const [inModel, inClient] = [text(expected?.[name]), text(found?.[name])];
    return inModel === inClient ? [] : [`${folder}: ${owner}.${name} is ${inClient}, in Python ${inModel}`];
  });
}

function text(value: unknown): string {
  return value === undefined ? "missing" : JSON.stringify(value);
}

/** What the generators add: the parameters of operations, the map of streams. */
function isOwn(folder: string, name: string): boolean {
  const module = typeName(REST.exec(folder)?.[1] ?? WS.exec(folder)?.[1] ?? "");
  return REST.test(folder) ? new RegExp(`^${module}Api\\w+Request$`).test(name) : name === `${module}Streams`;
}

/** Name the models as the generators do. */
function named<T>(byClass: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(byClass).map(([name, value]) => [typeName(name), value]));
}

function edited(folder: string, from: string | RegExp, to: string): string {
  const changed = source(folder).replace(from, to);
  if (changed === source(folder)) throw new Error(`${folder} does not contain ${from}`);
  return changed;
}

describe("the Python models, the REST clients and the WebSocket types", () => {
  it.each(FOLDERS)("agree on enums, fields, optionality and null: %s", (folder) => {
    expect(differences(folder, source(folder), python)).toEqual([]);
  });

  it("have no model that no client knows", () => {
    const clients = FOLDERS.map((folder) => readClient(source(folder)));
    const names = new Set(clients.flatMap(({ models, enums }) => [...Object.keys(models), ...Object.keys(enums)]));
    const messages = Object.values(python.streams).flatMap((module) => Object.keys(module.messages));
    const all = [...Object.keys(python.models), ...Object.keys(python.enums), ...messages];
    expect(all.filter((name) => !names.has(typeName(name)))).toEqual([]);
    expect(all.length).toBeGreaterThan(30);
  });

  it("agree on what each stream takes and pushes", () => {
    const modules = FOLDERS.flatMap((folder) => WS.exec(folder)?.[1] ?? []);
    expect(modules.sort()).toEqual(Object.keys(python.streams));
    for (const [module, { streams }] of Object.entries(python.streams)) {
      const code = source(`ws-types-${module}`);
      const body = new RegExp(`interface ${typeName(module)}Streams \\{\\n([\\s\\S]*?)\\n\\}`).exec(code)?.[1] ?? "";
      const found = [...body.matchAll(/(\w+): \{\s*request: (\w+);\s*update: (\w+);/g)].map(([, ...names]) => names);
      expect(found).toEqual(Object.entries(streams).map(([name, types]) => [name, ...types.map(typeName)]));
    }
  });
});

describe("a drift is told with model and field", () => {
  const rest = "trader-client-broker";
  const ws = "ws-types-broker";

  it.each([
    [rest, "a field that became optional", "'qty': number;", "'qty'?: number;", "Execution.qty"],
    [rest, "a null that was lost", "'limitPrice'?: number | null;", "'limitPrice'?: number;", "PlacedOrder.limitPrice"],
    [rest, "a renamed field", "'avgPrice': number;", "'avg_price': number;", "Position.avg_?[pP]rice"],
    [rest, "another value of an enum", "SELL: -1", "SELL: 2", "Side.SELL"],
    [rest, "another name in an enum", "GUARANTEED_STOP: 2", "Variant2: 2", "StopType.Variant2"],
    [rest, "another value in an enum of parents", "POSITION: 2", "POSITION: 3", "ParentType.POSITION"],
    [rest, "a renamed model", "export interface Brackets", "export interface Bracket", "Bracket is no Python model"],
    ["trader-client-datafeed", "a literal that was lost", "ok: 'ok',", "", "QuoteData.s"],
    [ws, "a field that became required", "updateTime?: number", "updateTime: number", "PlacedOrder.updateTime"],
    [ws, "a null that was added", "trailingStopPips?: number | null", "trailingStopPips: number | null", "PlacedOrder.trailingStopPips"],
    [ws, "a parent that was lost", "parentId?: string | null;", "", "PlacedOrder.parentId"],
    [ws, "another value of an enum", "CONNECTED: 1", "CONNECTED: 0", "ConnectionStatus.CONNECTED"],
    [ws, "another type of a message", '"orders.update"', '"order.update"', "OrdersUpdate.type"],
  ])("%s: %s", (folder, _, from, to, named) => {
    expect(differences(folder, edited(folder, from, to), python).join("\n")).toMatch(new RegExp(named));
  });

  it.each([
    ["a new field", (models: PythonVocabulary) => {
      models.models.Position = { ...models.models.Position, pnl: { optional: false, nullable: false, values: null } };
    }, "Position.pnl is missing"],
    ["a field that may be null", (models: PythonVocabulary) => {
      Object.assign(models.models.Execution?.price ?? {}, { nullable: true });
    }, "Execution.price"],
    ["a new member of an enum", (models: PythonVocabulary) => {
      models.enums.Side = { ...models.enums.Side, SHORT: 3 };
    }, "Side.SHORT is missing"],
  ])("Python: %s", (_, change, sentence) => {
    const changed = structuredClone(python);
    change(changed);
    for (const folder of [rest, ws]) {
      expect(differences(folder, source(folder), changed).join("\n")).toContain(`${folder}: ${sentence}`);
    }
  });
});
