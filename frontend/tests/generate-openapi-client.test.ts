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
  // A Java that fails comes first on the PATH: the script must use the one in .venv.
  const bin = join(workspace.root, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "java"), "#!/bin/sh\nexit 9\n", { mode: 0o755 });
  first = workspace.generate(SCRIPT, { PATH: `${bin}:${process.env.PATH ?? ""}`, JAVA_HOME: bin });
});
afterAll(() => workspace.remove());

describe("the first run", () => {
  it("writes a client for each module and reports it", () => {
    expect(counts(first)).toEqual([2, 0, 0]);
    expect(first.stdout).toMatch(/^trader-client-market_data: written \(5 files, \d+\.\d s\)$/m);
    expect(first.stdout).toMatch(/^trader-client-other: written/m);
  });

  it("writes only TypeScript files", () => {
    const files = ["api.ts", "base.ts", "common.ts", "configuration.ts", "index.ts"];
    expect(workspace.filesOf("trader-client-market_data").sort()).toEqual(files);
    expect(Object.keys(workspace.checksums())).toEqual(["trader-client-market_data", "trader-client-other"]);
  });

  it("writes the right types for unions, nulls, maps, enums and unusual names", () => {
    expect(workspace.compile("rest.types.ts")).toEqual([]);
  });

  it("writes clients that call the server of their basePath", async () => {
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
  it("does nothing if only the modification time of a spec has changed", () => {
    const before = workspace.checksums();
    const spec = workspace.specFile("other", "openapi.json");
    utimesSync(spec, new Date(), new Date());
    const run = workspace.generate(SCRIPT);
    expect(counts(run)).toEqual([0, 2, 0]);
    expect(run.stdout.trim().split("\n")).toHaveLength(1);
    expect(workspace.checksums()).toEqual(before);
  });

  it("regenerates what changed or was damaged, and removes the clients of removed modules", () => {
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
    // The same spec gives identical files, whatever the other modules are.
    expect(after["trader-client-market_data"]).toBe(before["trader-client-market_data"]);
    expect(readFileSync(join(workspace.clients, "trader-client-other/api.ts"), "utf8")).toContain("'diameter'?: number");

    workspace.removeModule("third");
    expect(counts(workspace.generate(SCRIPT))).toEqual([0, 2, 1]);
    expect(Object.keys(workspace.checksums())).toEqual(["trader-client-market_data", "trader-client-other"]);
  });
});

describe("an invalid spec", () => {
  let before: Record<string, string>;
  const shown = (module: string) => relative(join(FRONTEND, ".."), workspace.specFile(module, "openapi.json"));

  function expectError(): string {
    before = workspace.checksums();
    const run = workspace.generate(SCRIPT);
    expect(run.status).toBe(1);
    expect(workspace.checksums()).toEqual(before);
    expect(run.stderr).toMatch(new RegExp(`^error: .*${shown("broken")}`, "m"));
    expect(run.stderr).toContain("make -f project.mk generate-clients-all");
    return run.stderr;
  }

  afterAll(() => workspace.removeModule("broken"));

  it("is reported with the generator's reason, as are the others, and no client changes", () => {
    for (const module of ["broken", "worse"]) {
      workspace.addModule(module, "openapi.json");
      workspace.editSpec(module, "openapi.json", '"in": "query"', '"in": "nowhere"');
    }
    workspace.editSpec("other", "openapi.json", '"diameter"', '"size"');
    const reason = expectError();
    workspace.removeModule("worse");
    expect(reason).toContain("paths.'/api/v1/shapes/{shape_id}'(put).parameters.[exact].in is not of type");
    expect(reason).toContain(shown("worse"));
    expect(reason).not.toContain(shown("market_data"));
    expect(reason).not.toMatch(/^\tat /m);
    expect(reason).not.toContain("donat");
  });

  it("is reported if it is a folder", () => {
    workspace.addModule("broken", "openapi.json");
    rmSync(workspace.specFile("broken", "openapi.json"));
    mkdirSync(workspace.specFile("broken", "openapi.json"));
    expect(expectError()).toContain("EISDIR");
    workspace.removeModule("broken");
  });

  it("is reported with its JSON pointer, as are the others, before the generator runs", () => {
    for (const module of ["broken", "worse"]) {
      workspace.addModule(module, "openapi.json");
      workspace.editSpec(module, "openapi.json", '"$ref": "#/components/schemas/Page_Circle_"', '"$ref": "#/components/schemas/Nowhere"');
    }
    const reason = expectError();
    workspace.removeModule("worse");
    for (const module of ["broken", "worse"]) {
      expect(reason).toContain(
        `error: ${shown(module)} #/components/schemas/Map/properties/page/$ref: the reference #/components/schemas/Nowhere points to nothing`,
      );
    }
  });

  it.each([
    ["a value without a type", '"foo-bar": { "type": "boolean", ', '"foo-bar": { ', "Map/properties/foo-bar: has no type"],
    ["a body without a type", '{ "application/json": { "schema": { "$ref": "#/components/schemas/Map" } } }',
      '{ "application/json": { "schema": {} } }',
      "#/paths/~1api~1v1~1shapes~1{shape_id}/put/requestBody/content/application~1json/schema: has no type"],
    ["two models with one TypeScript name", '"Page_Circle_": {', '"PageCircle": {}, "Page_Circle_": {', "Page_Circle_: has the same TypeScript name, PageCircle, as #/components/schemas/PageCircle"],
    ["a reference to a parameter that does not exist", '"parameters": [', '"parameters": [{ "$ref": "#/components/parameters/Gone" }, ',
      "put/parameters/0/$ref: the reference #/components/parameters/Gone points to nothing"],
    ["a property name with a quote", '"class": {', `"it's": {`, "Map/properties/it's: the name"],
    ["a model with a reserved name", '"Page_Circle_": {', '"JsonNull": { "type": "object" }, "Page_Circle_": {', "the name JsonNull is reserved"],
    ["a JSON syntax error", '"openapi"', "openapi", "JSON"],
    ["an unsupported version", '"openapi": "3.1.0"', '"swagger": "2.0"', "not an OpenAPI document of version 3.0 or 3.1"],
  ])("is reported if it has %s", (_, from, to, reason) => {
    workspace.addModule("broken", "openapi.json");
    workspace.editSpec("broken", "openapi.json", from, to);
    expect(expectError()).toContain(reason);
  });
});

describe("a run that fails or is interrupted", () => {
  const all = ["trader-client-market_data", "trader-client-other"];

  it("does not blame the specs if the generator fails", () => {
    workspace.editSpec("other", "openapi.json", '"radius"', '"width"');
    const before = workspace.checksums();
    const run = workspace.generate(SCRIPT, { JDK_JAVA_OPTIONS: "-XX:NoSuchOption" });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain("NoSuchOption");
    expect(run.stderr).toContain("the generator failed (exit 1)");
    expect(run.stderr).not.toContain("generate-clients-all");
    expect(workspace.checksums()).toEqual(before);
  });

  it.each(["SIGTERM", "SIGINT"] as const)("stops the generator and leaves no files behind on %s", async (signal) => {
    const before = workspace.checksums();
    const run = spawn(join(FRONTEND, "scripts", SCRIPT), workspace.options, { detached: true, stdio: "ignore" });
    const ended = new Promise((resolve) => run.once("exit", resolve));
    const works = () => readdirSync(workspace.clients).filter((name) => name.startsWith(".generating."));
    const started = () => works().some((name) => existsSync(join(workspace.clients, name, "log")));
    await vi.waitUntil(started, { timeout: 30_000 });
    run.kill(signal);
    expect(await ended).toBe(signal === "SIGTERM" ? 143 : 130);
    expect(workspace.checksums()).toEqual(before);
    // No process of its group is left.
    expect(() => process.kill(-(run.pid ?? 0), 0)).toThrow("ESRCH");
  });

  it("is cleaned up by the next run if it was killed, even between its two renames", () => {
    const old = join(workspace.clients, ".generating.999999999.x/old");
    mkdirSync(old, { recursive: true });
    renameSync(join(workspace.clients, "trader-client-market_data"), join(old, "trader-client-market_data"));
    expect(counts(workspace.generate(SCRIPT))).toEqual([1, 1, 0]);
    expect(Object.keys(workspace.checksums())).toEqual(all);
  });
});

it("names the command to run if there are no specs", () => {
  const empty = new Workspace();
  const run = empty.generate(SCRIPT);
  expect(run.status).toBe(1);
  expect(run.stderr).toContain(`${empty.modules}/*/specs/`);
  expect(run.stderr).toContain("make -f project.mk export-specs-all");
  empty.remove();
});

it("requires Node.js 20.19", () => {
  const elsewhere = new Workspace();
  elsewhere.addModule("market_data", "openapi.json");
  writeFileSync(join(elsewhere.root, "node"), "#!/bin/sh\necho v20.18.3\n", { mode: 0o755 });
  const run = elsewhere.generate(SCRIPT, { PATH: `${elsewhere.root}:${process.env.PATH ?? ""}` });
  expect(run).toEqual({ status: 1, stdout: "", stderr: "error: found Node.js: v20.18.3; install version 20.19 or newer\n" });
  elsewhere.remove();
});

it("names the command to run if the generator is not installed", () => {
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
