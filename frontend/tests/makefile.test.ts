import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { FRONTEND, Workspace, type Run } from "./support/workspace";

const workspace = new Workspace();
const frontend = join(workspace.root, "frontend");
const modules = join(workspace.root, "backend/src/trading_api/modules");
const NOTHING = "make: Nothing to be done for 'generate-clients'.\n";

function make(...targets: string[]): Run {
  // Without the variables of the make that runs the tests.
  const env = { ...process.env, MAKEFLAGS: "", MAKELEVEL: "", MFLAGS: "" };
  const { status, stdout, stderr } = spawnSync("make", ["-j2", ...targets], {
    cwd: frontend,
    encoding: "utf8",
    env,
    // Node's standard input is a socket; Bash would take it for a remote login and read its start-up files.
    stdio: ["ignore", "pipe", "pipe"],
  });
  return { status, stdout, stderr };
}

function clients(): string[] {
  return readdirSync(join(frontend, "src/clients")).sort();
}

beforeAll(() => {
  cpSync(join(FRONTEND, "../scripts"), join(workspace.root, "scripts"), { recursive: true });
  mkdirSync(join(frontend, ".cache"), { recursive: true });
  mkdirSync(join(frontend, "src"));
  for (const name of ["clientRuntime.ts", "clientNotices.ts"]) cpSync(join(FRONTEND, "src", name), join(frontend, "src", name));
  for (const name of ["Makefile", "scripts", "package.json", "package-lock.json", ".npmrc", "requirements.lock"]) {
    cpSync(join(FRONTEND, name), join(frontend, name), { recursive: true });
  }
  // Use the installed packages.
  for (const [folder, stamp] of [[".venv", "venv"], ["node_modules", "node_modules"]] as const) {
    symlinkSync(join(FRONTEND, folder), join(frontend, folder));
    writeFileSync(join(frontend, `.cache/${stamp}.stamp`), "");
  }
});
afterAll(() => workspace.remove());

it("names the command to run if there are no specs", () => {
  const run = make("generate-clients");
  expect(run.status).not.toBe(0);
  expect(run.stderr).toMatch(/^error: there are no specs at .*; export them: make .*export-specs$/m);
});

it("generates once, and again only if clients are missing or a module was removed", () => {
  for (const module of ["market_data", "other"]) {
    workspace.addModule(module, "openapi.json");
    workspace.addModule(module, "asyncapi.json");
  }
  cpSync(workspace.modules, modules, { recursive: true });
  const all = ["runtime.ts", "trader-client-market_data", "trader-client-other", "ws-types-market_data", "ws-types-other"];
  expect(make("generate-clients")).toMatchObject({ status: 0, stderr: "" });
  expect(clients()).toEqual(all);
  expect(make("generate-clients")).toMatchObject({ status: 0, stdout: NOTHING, stderr: "" });

  const spec = join(modules, "other/specs/openapi.json");
  writeFileSync(spec, readFileSync(spec, "utf8").replace('"radius"', '"size"'));
  expect(make("generate-clients").stdout).toMatch(/^trader-client-other: written\nREST clients: 1 written, 0 unchanged/);
  expect(readFileSync(join(frontend, "src/clients/runtime.ts"), "utf8")).toBe('export * from "../clientRuntime.js";\n');

  rmSync(join(frontend, "src/clients/ws-types-other"), { recursive: true });
  expect(make("generate-clients").stdout).toMatch(/^ws-types-other: written[^]*1 written, 1 unchanged/);
  expect(clients()).toEqual(all);

  rmSync(join(modules, "other"), { recursive: true });
  expect(make("generate-clients").status).toBe(0);
  expect(clients()).toEqual(["runtime.ts", "trader-client-market_data", "ws-types-market_data"]);
  expect(make("generate-clients").stdout).toBe(NOTHING);
});

it("builds a page with a space in the name of a source", () => {
  mkdirSync(join(frontend, "src"), { recursive: true });
  writeFileSync(join(frontend, "src/my logo.svg"), "");
  expect(make("--dry-run", "build").stderr).not.toContain("No rule to make target 'logo.svg'");
});

it("leaves the browser tests out of `npm test`", () => {
  const list = (...options: string[]) => {
    const command = [join(FRONTEND, "node_modules/vitest/vitest.mjs"), "list", "--filesOnly", ...options];
    return spawnSync(process.execPath, command, { cwd: FRONTEND, encoding: "utf8" }).stdout;
  };
  expect(list()).toContain("tests/makefile.test.ts");
  expect(list()).not.toContain("tests/browser/");
  expect(list("--config", "vitest.browser.config.ts")).toContain("tests/browser/run.test.ts");
});

it("removes everything that it created with clean", () => {
  expect(make("clean").status).toBe(0);
  for (const name of ["src/clients", ".venv", "node_modules", ".cache", "dist"]) {
    expect(existsSync(join(frontend, name)), name).toBe(false);
  }
  expect(existsSync(join(FRONTEND, "node_modules/vue"))).toBe(true);
});
