import { readFileSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Workspace, type Run } from "./support/workspace";

const SCRIPT = "generate-asyncapi-types.sh";

const workspace = new Workspace();
let first: Run;

beforeAll(() => {
  workspace.addModule("market_data", "asyncapi.json");
  workspace.addModule("other", "asyncapi.json");
  first = workspace.generate(SCRIPT);
});
afterAll(() => workspace.remove());

function source(module: string): string {
  return readFileSync(join(workspace.clients, `ws-types-${module}/index.ts`), "utf8");
}

describe("the first run", () => {
  it("writes the types of every module that has streams", () => {
    expect(first).toMatchObject({ status: 0, stderr: "" });
    expect(first.stdout).toMatch(/^ws-types-market_data: written$/m);
    expect(first.stdout).toMatch(/^WebSocket types: 2 written, 0 unchanged, 0 removed/m);
  });

  it("writes types that compile under strict flags and reject wrong values", () => {
    const options = { erasableSyntaxOnly: true, isolatedModules: true, exactOptionalPropertyTypes: true };
    expect(workspace.compile("ws.types.ts", options)).toEqual([]);
  });

  it("uses no `any`", () => {
    const code = source("market_data").replace(/\/\*[\s\S]*?\*\//g, "");
    expect(code).not.toMatch(/\bany\b/);
  });
});

describe("a later run", () => {
  it("does nothing if only the modification time of a spec has changed", () => {
    utimesSync(workspace.specFile("other", "asyncapi.json"), new Date(), new Date());
    expect(workspace.generate(SCRIPT).stdout).toMatch(/^WebSocket types: 0 written, 2 unchanged, 0 removed \(.*\)\n$/);
  });

  it("regenerates what changed or is missing, with identical files, and removes the types of a removed module", () => {
    const before = workspace.checksums();
    rmSync(join(workspace.clients, "ws-types-market_data"), { recursive: true });
    workspace.editSpec("other", "asyncapi.json", '"Buy or sell."', '"Long or short."');
    const run = workspace.generate(SCRIPT);
    expect(run.stdout).toMatch(/2 written, 0 unchanged, 0 removed/);
    expect(workspace.checksums()["ws-types-market_data"]).toBe(before["ws-types-market_data"]);
    expect(source("other")).toContain("Long or short.");

    workspace.removeModule("other");
    expect(workspace.generate(SCRIPT).stdout).toMatch(/^ws-types-other: removed[\s\S]*0 written, 1 unchanged, 1 removed/m);
    expect(Object.keys(workspace.checksums())).toEqual(["ws-types-market_data"]);
  });
});

describe("an invalid spec", () => {
  it.each([
    ["a stream of an unknown schema", '"update": "Trade"', '"update": "Gone"', /schemas\/Gone points to nothing/],
    ["a stream without replayLast", ', "replayLast": true', "", /asyncapi\.json #\/x-streams\/trades\/replayLast: must be true or false/],
    ["a field of an unknown type", '"symbol": { "type": "string", ', '"symbol": { "type": "text", ', /Trade\/properties\/symbol\/type: "text" is not a type/],
  ])("is reported if it has %s, and the others are updated", (_, from, to, reason) => {
    workspace.addModule("broken", "asyncapi.json");
    expect(workspace.generate(SCRIPT).status).toBe(0);
    workspace.editSpec("broken", "asyncapi.json", from, to);
    workspace.addModule("market_data", "asyncapi.json");
    workspace.editSpec("market_data", "asyncapi.json", '"symbol": {', '"changed": {');
    const before = workspace.checksums();
    const run = workspace.generate(SCRIPT);
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(reason);
    expect(run.stderr).toMatch(/^error: frontend\/\S+\/broken\/specs\/asyncapi\.json:? /m);
    expect(workspace.checksums()["ws-types-broken"]).toBe(before["ws-types-broken"]);
    expect(source("market_data")).toContain("changed");
  });
});
