import { spawn, spawnSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { EchoServer } from "./support/echo";
import { FRONTEND, Workspace, type Run } from "./support/workspace";

const SCRIPT = "generate-openapi-client.sh";
const CLOSING = /^REST clients: (\d+) written, (\d+) unchanged, (\d+) removed \(\d+\.\d s\)$/m;

const workspace = new Workspace();
let first: Run;

/** Return how many clients a run has written, left unchanged and removed. */
function counts(run: Run): number[] {
  return CLOSING.exec(run.stdout)?.slice(1).map(Number) ?? [];
}

function expectCounts(run: Run, ...expected: number[]): void {
  expect(run.stderr).toBe("");
  expect(run.status).toBe(0);
  expect(counts(run)).toEqual(expected);
}

/** Write the spec of a module with one operation, `GET /x`, with these changes. */
function addOperation(module: string, operation: object, document: object = {}): void {
  const paths = { "/x": { get: { operationId: "x", responses: { 200: { content: { "application/json": { schema: {} } } } }, ...operation } } };
  workspace.writeSpec(module, "openapi.json", JSON.stringify({ openapi: "3.1.0", paths, ...document }));
}

function client(module: string, file: string): string {
  return readFileSync(join(workspace.clients, `trader-client-${module}`, file), "utf8");
}

beforeAll(() => {
  workspace.addModule("market_data", "openapi.json");
  workspace.addModule("other", "openapi.json");
  // A Java that fails comes first on the PATH: the script must use the one in .venv.
  const bin = join(workspace.root, "bin");
  mkdirSync(bin);
  writeFileSync(join(bin, "java"), "#!/bin/sh\nexit 9\n", { mode: 0o755 });
  first = workspace.generate(SCRIPT, { env: { PATH: `${bin}:${process.env.PATH ?? ""}`, JAVA_HOME: bin } });
});
afterAll(() => workspace.remove());

describe("the first run", () => {
  it("writes a client for each module, and the runtime that they share", () => {
    expectCounts(first, 2, 0, 0);
    expect(first.stdout).toMatch(/^trader-client-market_data: written$/m);
    expect(readdirSync(workspace.clients).sort()).toEqual(["clientNotices.ts", "runtime.ts", "trader-client-market_data", "trader-client-other"]);
    expect(workspace.filesOf("trader-client-market_data").sort()).toEqual(["api.ts", "index.ts", "models.ts"]);
  });

  it("writes clients that import a copy of the runtime, if they are not in src/clients/", () => {
    const runtime = readFileSync(join(FRONTEND, "src/clientRuntime.ts"), "utf8");
    expect(readFileSync(join(workspace.clients, "runtime.ts"), "utf8")).toBe(runtime);
    const notices = readFileSync(join(FRONTEND, "src/clientNotices.ts"), "utf8");
    expect(readFileSync(join(workspace.clients, "clientNotices.ts"), "utf8")).toBe(notices);
    expect(client("market_data", "api.ts")).toContain('from "../runtime.js"');
  });

  it("writes clients that call the server of their basePath", async () => {
    const server = new EchoServer();
    await server.start();
    const { MarketDataApi } = await import(/* @vite-ignore */ join(workspace.clients, "trader-client-market_data/index.ts"));
    const api = new MarketDataApi({ basePath: server.url });
    expect((await api.findShape()).data).toBeNull();
    await api.putShape({ shapeId: "a/ü?#%", exact: true, sides: [1, -1], body: {} });
    server.stop();
    expect(server.received.map(({ method, url }) => `${method} ${url}`)).toEqual([
      "GET /api/v1/shapes",
      "PUT /api/v1/shapes/a%2F%C3%BC%3F%23%25?exact=true&sides=1&sides=-1",
    ]);
  });
});

describe("a later run", () => {
  it("touches nothing if nothing has changed", () => {
    const time = () => statSync(join(workspace.clients, "trader-client-other")).mtimeMs;
    const before = time();
    expectCounts(workspace.generate(SCRIPT), 0, 2, 0);
    expect(time()).toBe(before);
  });

  it("generates only the module of a spec that is passed", () => {
    workspace.editSpec("other", "openapi.json", '"radius": {', '"diameter": { "type": "number" }, "radius": {');
    workspace.editSpec("market_data", "openapi.json", '"radius": {', '"size": { "type": "number" }, "radius": {');
    expectCounts(workspace.generate(SCRIPT, { specs: [workspace.specFile("other", "openapi.json")] }), 1, 0, 0);
    expect(client("other", "models.ts")).toContain("diameter?: number");
    expect(client("market_data", "models.ts")).not.toContain("size?: number");
  });

  it("rejects a spec that is in another folder, instead of generating the module of that name", () => {
    const elsewhere = join(workspace.clients, "elsewhere/other/specs/openapi.json");
    mkdirSync(dirname(elsewhere), { recursive: true });
    copyFileSync(workspace.specFile("other", "openapi.json"), elsewhere);
    const run = workspace.generate(SCRIPT, { specs: [elsewhere] });
    rmSync(join(workspace.clients, "elsewhere"), { recursive: true });
    expect(run.status).toBe(1);
    expect(run.stderr).toMatch(/^error: \S+elsewhere\/other\/specs\/openapi.json is not a spec in \S+; pass its folder as --specs-dir$/m);
  });

  it("generates what is missing, with identical files, and removes the clients of removed modules", () => {
    const before = workspace.checksums();
    workspace.addModule("third", "openapi.json");
    rmSync(join(workspace.clients, "trader-client-other"), { recursive: true });
    mkdirSync(join(workspace.clients, "trader-client-gone"));
    const run = workspace.generate(SCRIPT);
    expectCounts(run, 3, 0, 1);
    expect(run.stdout).toMatch(/^trader-client-gone: removed, its module has no openapi.json$/m);
    expect(workspace.checksums()["trader-client-other"]).toBe(before["trader-client-other"]);
    workspace.removeModule("third");
    expectCounts(workspace.generate(SCRIPT), 0, 2, 1);
  });
});

describe("invalid specs", () => {
  const GET = "#/paths/~1x/get";
  const SCHEMAS = "#/components/schemas";
  const json = (schema: object) => ({ content: { "application/json": { schema } } });
  const stream = { content: { "text/event-stream": { itemSchema: {} }, "application/json": { schema: {} } } };
  const ROWS: [string, (module: string) => void, string][] = [
    ["a reference that points to nothing", (name) => addOperation(name, { requestBody: json({ items: { $ref: `${SCHEMAS}/Gone` } }) }),
      ` ${GET}/requestBody/content/application~1json/schema/items/$ref: the reference ${SCHEMAS}/Gone points to nothing`],
    ["a parameter that does not exist", (name) => addOperation(name, { parameters: [{ $ref: "#/components/parameters/Gone" }] }), ` ${GET}/parameters/0/$ref: the reference`],
    ["a parameter in an unknown location", (name) => addOperation(name, { parameters: [{ name: "a", in: "nowhere" }] }), ` ${GET}/parameters/0: a parameter cannot be in "nowhere"`],
    ["a style that is not supported", (name) => addOperation(name, { parameters: [{ name: "a", in: "query", style: "matrix" }] }), ` ${GET}/parameters/0: the style matrix`],
    ["an object in a header", (name) => addOperation(name, { parameters: [{ name: "a", in: "header", schema: { type: "object" } }] }), ` ${GET}/parameters/0: an object with the style simple`],
    ["a stream beside JSON", (name) => addOperation(name, { responses: { 200: stream } }), ` ${GET}/responses/200/content/text~1event-stream: a stream and another media type`],
    ["a stream beside another status", (name) => addOperation(name, { responses: { 201: json({}), 200: { content: { "application/jsonl": {} } } } }), ` ${GET}/responses: a stream and another success status`],
    ["a server of one operation", (name) => addOperation(name, { servers: [{ url: "http://other.invalid" }] }), ` ${GET}: has servers of its own`],
    ["a security scheme that does not exist", (name) => addOperation(name, { security: [{ gone: [] }] }), ` ${GET}/security: #/components/securitySchemes/gone does not exist`],
    ["a path parameter that is not declared", (name) => addOperation(name, {}, { paths: { "/a/{b}": { get: { responses: {} } } } }), " #/paths/~1a~1{b}/get: the path parameter b is not declared"],
    ["a path item that does not exist", (name) => addOperation(name, {}, { paths: { "/a": { $ref: "#/components/pathItems/a" } } }), " #/paths/~1a/$ref: the reference"],
    ["an encoding of form fields", (name) => addOperation(name, { requestBody: { content: { "multipart/form-data": { encoding: { a: {} } } } } }), ` ${GET}/requestBody/content/multipart~1form-data/encoding: `],
    ["an unsupported version", (name) => addOperation(name, {}, { openapi: "2.0" }), ": not an OpenAPI document of version 3.0 or 3.1"],
    ["a type that does not compile", (name) => addOperation(name, { responses: { 200: json({ $ref: `${SCHEMAS}/Loop` }) } }, { components: { schemas: { Loop: { $ref: `${SCHEMAS}/Loop` } } } }),
      ` ${SCHEMAS}/Loop: does not compile (models.ts:`],
    ["a syntax error", (name) => workspace.writeSpec(name, "openapi.json", "{ openapi"), ": "],
    ["a folder instead of a file", (name) => {
      rmSync(workspace.specFile(name, "openapi.json"));
      mkdirSync(workspace.specFile(name, "openapi.json"));
    }, ": EISDIR"],
  ];
  const moduleOf = (row: number) => `broken_${row}`;
  let before: Record<string, string>;
  let run: Run;

  beforeAll(() => {
    ROWS.forEach((_, row) => addOperation(moduleOf(row), {}));
    expectCounts(workspace.generate(SCRIPT), ROWS.length, 2, 0);
    before = workspace.checksums();
    ROWS.forEach(([, damage], row) => damage(moduleOf(row)));
    workspace.editSpec("other", "openapi.json", '"radius": {', '"area": { "type": "number" }, "radius": {');
    run = workspace.generate(SCRIPT);
  });
  afterAll(() => ROWS.forEach((_, row) => workspace.removeModule(moduleOf(row))));

  it.each(ROWS.map(([name, , reason], row) => [name, reason, row] as const))("are reported with the JSON pointer: %s", (_, reason, row) => {
    const spec = relative(join(FRONTEND, ".."), workspace.specFile(moduleOf(row), "openapi.json"));
    const lines = run.stderr.split("\n").filter((line) => line.includes(`/${moduleOf(row)}/`));
    expect(lines).toEqual([expect.stringContaining(`error: ${spec}${reason}`)]);
  });

  it("keep their clients; the other modules are updated, and the command fails", () => {
    expect(run.status).toBe(1);
    expect(counts(run)).toEqual([1, 1, 0]);
    expect(workspace.checksums()).toEqual({ ...before, "trader-client-other": expect.any(String) });
    expect(client("other", "models.ts")).toContain("area?: number");
    expect(run.stderr.trimEnd().split("\n").at(-1)).toMatch(/^error: some REST clients are not up to date, .*make -f project.mk generate-clients-all$/);
  });
});

it("writes types that narrow, for unions, statuses, errors, forms and streams", () => {
  const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` });
  const model = (kind: number, required: string[], properties: object) => ({ type: "object", properties: { kind: { const: kind }, ...properties }, required });
  const pet = { oneOf: [ref("Cat"), ref("Dog")], discriminator: { propertyName: "kind", mapping: { 1: ref("Cat").$ref, 2: ref("Dog").$ref } } };
  const json = (schema: object) => ({ content: { "application/json": { schema } } });
  const error = (name: string, type: string) => json({ type: "object", properties: { [name]: { type } }, required: [name] });
  const form = { type: "object", properties: { file: { type: "string", format: "binary" }, tags: { type: "array", items: { type: "string" } }, note: { anyOf: [{ type: "string" }, { type: "null" }] } }, required: ["file"] };
  const paths = {
    "/find": { get: { operationId: "find_pet", parameters: [{ name: "size", in: "query", required: true, schema: ref("Size") }],
      responses: { 200: json(pet), 202: { content: { "text/plain": {} } }, 404: error("detail", "string"), 409: error("code", "integer") } } },
    "/update": { put: { operationId: "update_pet", requestBody: json({ anyOf: [pet, { type: "null" }] }), responses: { 200: {} } } },
    "/upload": { post: { operationId: "upload", requestBody: { required: true, content: { "multipart/form-data": { schema: form } } }, responses: { 204: {} } } },
    "/watch": { get: { operationId: "watch", responses: { 200: { content: { "application/jsonl": { itemSchema: ref("Dog") } } } } } },
  };
  const schemas = { Size: { enum: [1, 2] }, Cat: model(1, ["lives"], { lives: { type: "integer" } }), Dog: model(2, ["kind", "name"], { name: { type: "string" } }) };
  workspace.writeSpec("pets", "openapi.json", JSON.stringify({ openapi: "3.1.0", paths, components: { schemas } }));
  const run = workspace.generate(SCRIPT, { specs: [workspace.specFile("pets", "openapi.json")] });
  expect([run.stderr, run.status]).toEqual(["", 0]);
  expect(workspace.compile("rest.types.ts", { exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true })).toEqual([]);
  // A project for Node does not have the types of browsers.
  expect(workspace.compile("rest.types.ts", { lib: ["lib.es2023.d.ts"], types: ["node"] })).toEqual([]);
  workspace.removeModule("pets");
});

it("compiles clients with nothing but streams, without operations, and with operations of one name", () => {
  const stream = { responses: { 200: { content: { "text/event-stream": { itemSchema: { type: "object" } } } } } };
  addOperation("streams", stream);
  addOperation("empty", {}, { paths: {} });
  // FastAPI gives the operations of a route of two methods one id.
  addOperation("same", {}, { paths: { "/x": { get: { operationId: "all_x_post", responses: {} }, post: { operationId: "all_x_post", responses: {} } } } });
  const run = workspace.generate(SCRIPT, { specs: ["streams", "empty", "same"].map((module) => workspace.specFile(module, "openapi.json")) });
  expect([run.stderr, run.status]).toEqual(["", 0]);
  expect(client("streams", "models.ts")).toContain("200: AsyncIterable<ServerSentEvent>;");
  expect(workspace.filesOf("trader-client-empty").sort()).toEqual(["index.ts", "models.ts"]);
  expect([...client("same", "api.ts").matchAll(/^ {2}(\w+)\(options\?/gm)].map(([, name]) => name)).toEqual(["allXGet", "allXPost"]);
  for (const module of ["streams", "empty", "same"]) workspace.removeModule(module);
});

describe("unusual names", () => {
  const hostile = ["*/ throw 1; /*", "`${1}`", "</script>", "a\nb", "\\", "\"'", "{{{x}}}", "{{#a}}", "买", "@ts-ignore", "__proto__", "constructor", "toString"];

  it("compile, and never become code", async () => {
    const paths = Object.fromEntries(
      hostile.map((name, index) => [
        `/${index}`,
        {
          post: {
            operationId: index % 2 ? name : `then ${name}`,
            summary: name,
            description: name,
            parameters: ["query", "header", "cookie"].map((where) => ({ name, in: where, description: name, schema: { enum: hostile } })),
            requestBody: { description: name, content: { "application/json": { schema: { $ref: `#/components/schemas/${index}` }, examples: { a: { value: { schema: 1 } } } } } },
            responses: { 200: { description: name, content: { "application/json": { schema: { type: "object", properties: { [name]: { const: name } } } } } } },
          },
        },
      ]),
    );
    const properties = Object.fromEntries(hostile.map((name) => [name, { description: name, enum: hostile, title: name }]));
    const schemas = Object.fromEntries(hostile.map((name, index) => [index, { title: name, description: name, type: "object", properties }]));
    workspace.writeSpec("hostile", "openapi.json", JSON.stringify({ openapi: "3.1.0", info: { title: "@ts-nocheck */" }, servers: [{ url: '"+1' }], paths, components: { schemas } }));
    const run = workspace.generate(SCRIPT, { specs: [workspace.specFile("hostile", "openapi.json")] });
    expect(run.stderr).toBe("");
    const server = new EchoServer();
    await server.start();
    const { HostileApi } = await import(/* @vite-ignore */ join(workspace.clients, "trader-client-hostile/index.ts"));
    const api = new HostileApi({ basePath: server.url });
    await api.thenProto({ proto: "a\nb" });
    server.stop();
    expect(server.last.url).toBe("/10?__proto__=a%0Ab");
    workspace.removeModule("hostile");
  });
});

describe("a run that fails or is interrupted", () => {
  it("does not blame the specs if the generator fails", () => {
    const before = workspace.checksums();
    const run = workspace.generate(SCRIPT, { env: { JDK_JAVA_OPTIONS: "-XX:NoSuchOption" } });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain("NoSuchOption");
    expect(run.stderr).toContain("openapi-generator failed");
    expect(run.stderr).not.toContain("generate-clients-all");
    expect(workspace.checksums()).toEqual(before);
  });

  it.each(["SIGTERM", "SIGINT"] as const)("leaves no files behind on %s", async (signal) => {
    const before = workspace.checksums();
    const run = spawn(join(FRONTEND, "scripts", SCRIPT), workspace.options, { detached: true, stdio: "ignore" });
    const ended = new Promise((resolve) => run.once("exit", resolve));
    const started = () => readdirSync(workspace.clients).some((name) => name.startsWith(`.generating.${run.pid}.`));
    await vi.waitUntil(started, { timeout: 30_000 });
    // To the whole group, as the terminal and make do.
    process.kill(-(run.pid ?? 0), signal);
    await ended;
    expect(workspace.checksums()).toEqual(before);
  });

  it("is cleaned up by the next run if it was killed", () => {
    mkdirSync(join(workspace.clients, ".generating.999999999.x/trader-client-other"), { recursive: true });
    workspace.generate(SCRIPT);
    expect(readdirSync(workspace.clients).filter((name) => name.startsWith("."))).toEqual([]);
  });
});

describe("without what it needs, the script names the command to run", () => {
  it("without specs", () => {
    const empty = new Workspace();
    const run = empty.generate(SCRIPT);
    expect(run.status).toBe(1);
    expect(run.stderr).toContain(`${empty.modules}/*/specs/`);
    expect(run.stderr).toContain("make -f project.mk export-specs-all");
    empty.remove();
  });

  it("with an old Node.js", () => {
    writeFileSync(join(workspace.root, "node"), "#!/bin/sh\necho v20.18.3\n", { mode: 0o755 });
    const run = workspace.generate(SCRIPT, { env: { PATH: `${workspace.root}:${process.env.PATH ?? ""}` } });
    rmSync(join(workspace.root, "node"));
    expect(run).toEqual({ status: 1, stdout: "", stderr: "error: found Node.js: v20.18.3; install version 20.19 or newer\n" });
  });

  it("without the generator", () => {
    const elsewhere = new Workspace();
    elsewhere.addModule("market_data", "openapi.json");
    const scripts = join(elsewhere.root, "frontend/scripts");
    cpSync(join(FRONTEND, "scripts"), scripts, { recursive: true });
    symlinkSync(join(FRONTEND, "node_modules"), join(elsewhere.root, "frontend/node_modules"));
    const run = spawnSync(join(scripts, SCRIPT), elsewhere.options, { encoding: "utf8" });
    expect(run.status).toBe(1);
    expect(run.stderr).toContain("the generator is not installed; run: make -C frontend install");
    expect(readdirSync(elsewhere.clients)).toEqual([]);
    elsewhere.remove();
  });
});

it("works from any folder, with relative paths and with spaces in them", () => {
  const folder = mkdtempSync(join(tmpdir(), "clients of "));
  mkdirSync(join(folder, "my modules/shop/specs"), { recursive: true });
  cpSync(workspace.specFile("other", "openapi.json"), join(folder, "my modules/shop/specs/openapi.json"));
  const options = ["--specs-dir", "my modules", "--output-dir", "my clients"];
  const run = spawnSync(join(FRONTEND, "scripts", SCRIPT), options, { cwd: folder, encoding: "utf8" });
  expectCounts(run, 1, 0, 0);
  expect(readFileSync(join(folder, "my clients/trader-client-shop/api.ts"), "utf8")).toContain("export class ShopApi {");
  rmSync(folder, { recursive: true });
});

it("describes its options with --help", () => {
  const { stdout, status } = spawnSync(join(FRONTEND, "scripts", SCRIPT), ["--help"], { encoding: "utf8" });
  expect(status).toBe(0);
  expect(stdout).toMatch(/^Generate [^]*--specs-dir DIR[^]*--output-dir DIR[^]*SPEC/);
});
