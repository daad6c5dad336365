import { spawn, spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { FRONTEND, Workspace, type Run } from "./support/workspace";

const SCRIPT = "generate-openapi-client.sh";
const CLOSING = /^REST clients: (\d+) written, (\d+) unchanged, (\d+) removed \(\d+\.\d s\)$/m;

const workspace = new Workspace();
let first: Run;

function counts(run: Run): number[] {
  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
  return CLOSING.exec(run.stdout)?.slice(1).map(Number) ?? [];
}

beforeAll(() => {
  workspace.addModule("market_data", "openapi.json");
  workspace.addModule("other", "openapi.json");
  // A Java that fails, in front of every other one: the scripts use the one in .venv.
  const bin = join(workspace.root, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "java"), "#!/bin/sh\nexit 9\n", { mode: 0o755 });
  first = workspace.generate(SCRIPT, { PATH: `${bin}:${process.env.PATH ?? ""}`, JAVA_HOME: bin });
});
afterAll(() => workspace.remove());

describe("the first run", () => {
  it("writes a client per module and says so", () => {
    expect(counts(first)).toEqual([2, 0, 0]);
    expect(first.stdout).toMatch(/^trader-client-market_data: written \(5 files, \d+\.\d s\)$/m);
    expect(first.stdout).toMatch(/^trader-client-other: written/m);
  });

  it("leaves nothing but TypeScript", () => {
    const files = ["api.ts", "base.ts", "common.ts", "configuration.ts", "index.ts"];
    expect(workspace.filesOf("trader-client-market_data").sort()).toEqual(files);
    expect(Object.keys(workspace.checksums())).toEqual(["trader-client-market_data", "trader-client-other"]);
  });

  it("gives unions, nulls, maps, enums and odd names their types", () => {
    expect(workspace.compile("rest.types.ts")).toEqual([]);
  });

  it("makes clients that call the server they are given", async () => {
    const requests: IncomingMessage[] = [];
    const server = createServer((request, response) => {
      requests.push(request);
      response.setHeader("Content-Type", "application/json").end("null");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const basePath = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const file = join(workspace.clients, "trader-client-market_data/index.ts");
    const { MarketDataApi } = await import(/* @vite-ignore */ file);
    const api = new MarketDataApi({ basePath });
    expect((await api.findShape()).data).toBeNull();
    await api.putShape({ shapeId: "a/ü?#%", exact: true, sides: [1, -1], modelMap: {} });
    server.close();
    expect(requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET /api/v1/shapes",
      "PUT /api/v1/shapes/a%2F%C3%BC%3F%23%25?exact=true&sides=1&sides=-1",
    ]);
  });
});

describe("a later run", () => {
  it("does nothing when nothing, or only the time of a spec, has changed", () => {
    const before = workspace.checksums();
    const spec = workspace.specFile("other", "openapi.json");
    utimesSync(spec, new Date(), new Date());
    const run = workspace.generate(SCRIPT);
    expect(counts(run)).toEqual([0, 2, 0]);
    expect(run.stdout.trim().split("\n")).toHaveLength(1);
    expect(workspace.checksums()).toEqual(before);
  });

  it("generates what changed or was damaged, and removes what has no module any more", () => {
    const before = workspace.checksums();
    workspace.addModule("third", "openapi.json");
    workspace.editSpec("other", "openapi.json", '"radius": {', '"diameter": { "type": "number" }, "radius": {');
    rmSync(join(workspace.clients, "trader-client-market_data/common.ts"));
    mkdirSync(join(workspace.clients, "trader-client-gone"));
    const run = workspace.generate(SCRIPT);
    expect(counts(run)).toEqual([3, 0, 1]);
    expect(run.stdout).toMatch(/^trader-client-gone: removed/m);
    const after = workspace.checksums();
    expect(Object.keys(after)).toEqual([
      "trader-client-market_data",
      "trader-client-other",
      "trader-client-third",
    ]);
    // Generating again, in another company of modules, gives the same bytes.
    expect(after["trader-client-market_data"]).toBe(before["trader-client-market_data"]);
    expect(readFileSync(join(workspace.clients, "trader-client-other/api.ts"), "utf8")).toContain("'diameter'?: number");

    workspace.removeModule("third");
    expect(counts(workspace.generate(SCRIPT))).toEqual([0, 2, 1]);
    expect(Object.keys(workspace.checksums())).toEqual(["trader-client-market_data", "trader-client-other"]);
  });
});

describe("a spec that cannot be generated", () => {
  let before: Record<string, string>;
  const shown = (module: string) => relative(join(FRONTEND, ".."), workspace.specFile(module, "openapi.json"));

  function refused(): string {
    before = workspace.checksums();
    const run = workspace.generate(SCRIPT);
    expect(run.status).toBe(1);
    expect(workspace.checksums()).toEqual(before);
    expect(run.stderr).toMatch(new RegExp(`^error: .*${shown("broken")}`, "m"));
    expect(run.stderr).toContain("make -f project.mk generate-clients-all");
    return run.stderr;
  }

  afterAll(() => workspace.removeModule("broken"));

  it("is refused with the generator's reason, and no client changes", () => {
    workspace.addModule("broken", "openapi.json");
    workspace.editSpec("broken", "openapi.json", '"in": "query"', '"in": "nowhere"');
    workspace.editSpec("other", "openapi.json", '"diameter"', '"size"');
    const reason = refused();
    expect(reason).toContain("paths.'/api/v1/shapes/{shape_id}'(put).parameters.[exact].in is not of type");
    expect(reason).not.toMatch(/^\tat /m);
    expect(reason).not.toContain("donat");
  });

  it("is named with the others that are refused", () => {
    workspace.addModule("worse", "openapi.json");
    workspace.editSpec("worse", "openapi.json", '"in": "query"', '"in": "nowhere"');
    const reason = refused();
    workspace.removeModule("worse");
    expect(reason).toContain(shown("worse"));
    expect(reason).not.toContain(shown("market_data"));
  });

  it("is refused if it is no file", () => {
    workspace.addModule("broken", "openapi.json");
    rmSync(workspace.specFile("broken", "openapi.json"));
    mkdirSync(workspace.specFile("broken", "openapi.json"));
    expect(refused()).toContain("EISDIR");
    workspace.removeModule("broken");
  });

  it("is named with the others before the generator is run", () => {
    for (const module of ["broken", "worse"]) {
      workspace.addModule(module, "openapi.json");
      workspace.editSpec(module, "openapi.json", '"$ref": "#/components/schemas/Page_Circle_"', '"$ref": "#/components/schemas/Nowhere"');
    }
    const reason = refused();
    workspace.removeModule("worse");
    expect(reason).toContain(`error: ${shown("worse")} #/components/schemas/Map`);
  });

  it.each([
    ["a value without a type", '"foo-bar": { "type": "boolean", ', '"foo-bar": { ', "Map/properties/foo-bar: has no type"],
    ["a body without a type", '{ "application/json": { "schema": { "$ref": "#/components/schemas/Map" } } }',
      '{ "application/json": { "schema": {} } }',
      "#/paths/~1api~1v1~1shapes~1{shape_id}/put/requestBody/content/application~1json/schema: has no type"],
    ["two models with one name", '"Page_Circle_": {', '"PageCircle": {}, "Page_Circle_": {', "Page_Circle_: would be named PageCircle"],
    ["a reference to nothing", '"$ref": "#/components/schemas/Page_Circle_"', '"$ref": "#/components/schemas/Nowhere"',
      "Map/properties/page/$ref: the reference #/components/schemas/Nowhere leads nowhere"],
    ["a reference to no parameter", '"parameters": [', '"parameters": [{ "$ref": "#/components/parameters/Gone" }, ',
      "put/parameters/0/$ref: the reference #/components/parameters/Gone leads nowhere"],
    ["a name that would be garbled", '"class": {', `"it's": {`, "Map/properties/it's: the name"],
    ["a model of our name", '"Page_Circle_": {', '"JsonNull": { "type": "object" }, "Page_Circle_": {', "no schema can be named JsonNull"],
    ["no JSON", '"openapi"', "openapi", "JSON"],
    ["another version", '"openapi": "3.1.0"', '"swagger": "2.0"', "this is no document of OpenAPI 3.0 or 3.1"],
  ])("is refused if it has %s", (_, from, to, reason) => {
    workspace.addModule("broken", "openapi.json");
    workspace.editSpec("broken", "openapi.json", from, to);
    expect(refused()).toContain(reason);
  });
});

describe("a run that is not finished", () => {
  const all = ["trader-client-market_data", "trader-client-other"];

  it("is not blamed on the specs if the generator fails", () => {
    workspace.editSpec("other", "openapi.json", '"radius"', '"width"');
    const before = workspace.checksums();
    const run = workspace.generate(SCRIPT, { JDK_JAVA_OPTIONS: "-XX:NoSuchOption" });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain("NoSuchOption");
    expect(run.stderr).toContain("the generator failed (exit 1)");
    expect(run.stderr).not.toContain("generate-clients-all");
    expect(workspace.checksums()).toEqual(before);
  });

  it.each(["SIGTERM", "SIGINT"] as const)("ends with its generator and leaves nothing at %s", async (signal) => {
    const before = workspace.checksums();
    const run = spawn(join(FRONTEND, "scripts", SCRIPT), workspace.options, { detached: true, stdio: "ignore" });
    const ended = new Promise((resolve) => run.once("exit", resolve));
    const works = () => readdirSync(workspace.clients).filter((name) => name.startsWith(".generating."));
    const started = () => works().some((name) => existsSync(join(workspace.clients, name, "log")));
    await vi.waitUntil(started, { timeout: 30_000 });
    run.kill(signal);
    expect(await ended).toBe(signal === "SIGTERM" ? 143 : 130);
    expect(workspace.checksums()).toEqual(before);
    // Nothing of its process group is left.
    expect(() => process.kill(-(run.pid ?? 0), 0)).toThrow("ESRCH");
  });

  it("is cleaned up by the next one if it was killed, even between its renames", () => {
    const old = join(workspace.clients, ".generating.999999999.x/old");
    mkdirSync(old, { recursive: true });
    renameSync(join(workspace.clients, "trader-client-market_data"), join(old, "trader-client-market_data"));
    expect(counts(workspace.generate(SCRIPT))).toEqual([1, 1, 0]);
    expect(Object.keys(workspace.checksums())).toEqual(all);
  });
});

it("says what to run if there are no specs at all", () => {
  const empty = new Workspace();
  const run = empty.generate(SCRIPT);
  expect(run.status).toBe(1);
  expect(run.stderr).toContain(`${empty.modules}/*/specs/`);
  expect(run.stderr).toContain("make -f project.mk export-specs-all");
  empty.remove();
});

it("says what to run if the generator is not installed", () => {
  const elsewhere = new Workspace();
  elsewhere.addModule("market_data", "openapi.json");
  const scripts = join(elsewhere.root, "frontend/scripts");
  cpSync(join(FRONTEND, "scripts"), scripts, { recursive: true });
  cpSync(join(FRONTEND, "requirements.lock"), join(elsewhere.root, "frontend/requirements.lock"));
  mkdirSync(join(elsewhere.root, "frontend/.venv/lib/python3/site-packages"), { recursive: true });
  const options = ["--specs-dir", elsewhere.modules, "--output-dir", elsewhere.clients];
  const run = spawnSync(join(scripts, SCRIPT), options, { encoding: "utf8" });
  expect(run.status).toBe(1);
  expect(run.stderr).toContain("make -C frontend generate-clients");
  expect(readdirSync(elsewhere.clients)).toEqual([]);
  elsewhere.remove();
});
