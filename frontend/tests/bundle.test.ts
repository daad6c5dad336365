import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { build } from "vite";
import { afterAll, beforeAll, expect, it } from "vitest";
import { budgetErrors, readBudget } from "../dev/budget";
import { Bundle, describeBundle } from "../dev/bundle";
import { FRONTEND, Workspace } from "./support/workspace";

const workspace = new Workspace();
const CHART = "src/routes/chart.js";
const FILES: Record<string, string> = {
  "index.html": '<script type="module" src="/src/main.js"></script>',
  "src/main.js": `const routes = { chart: () => import("./routes/chart.js"), orders: () => import("./routes/orders.js") };
    window.go = (name) => routes[name]();`,
  "src/plugins/api.js": `export const feed = () => import("../clients/trader-client-feed/index.ts");
    export const broker = () => import("../clients/trader-client-broker/index.ts");`,
  "src/clients/trader-client-feed/index.ts": 'export const call = () => "/feed";',
  "src/clients/trader-client-broker/index.ts": 'export const call = () => "/broker";',
  "src/clients/ws-types-broker/index.ts": 'export const Side = { Buy: 1 };',
  "src/routes/chart.css": "canvas { width: 12px }",
  "src/routes/chart.js": 'import "./chart.css"; import { feed } from "../plugins/api.js"; window.f = feed;',
  "src/routes/orders.js": `import { broker } from "../plugins/api.js";
    import { Side } from "../clients/ws-types-broker/index.ts"; window.b = [broker, Side];`,
};
let bundle: Bundle;

async function buildPage(changes: Record<string, string> = {}): Promise<Bundle> {
  for (const [name, text] of Object.entries({ ...FILES, ...changes })) writeFile(name, text);
  await build({ root: workspace.root, configFile: false, logLevel: "silent", plugins: [describeBundle()] });
  return new Bundle(join(workspace.root, "dist"));
}

function writeFile(name: string, text: string): string {
  const file = join(workspace.root, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  return file;
}

function chartErrors(page: Bundle, gzipBytes = 10_000): string[] {
  const routes = { chart: { entry: CHART, modules: ["feed"], gzipBytes } };
  return budgetErrors(page, writeFile("budget.json", JSON.stringify({ routes })));
}

beforeAll(async () => {
  bundle = await buildPage();
});
afterAll(() => workspace.remove());

it("finds the files of a route: the page, the route, its style sheet and its clients", () => {
  const files = bundle.filesOf({ entry: CHART, modules: ["feed"] });
  const names = files.map((file) => file.replace(/-[\w-]{8}\./, "."));
  expect(names).toEqual(expect.arrayContaining(["assets/chart.css", "assets/chart.js", "assets/index.js"]));
  const sources = files.flatMap((file) => bundle.sourcesOf(file));
  expect(sources).toContain("src/clients/trader-client-feed/index.ts");
  expect(sources).toContain("src/plugins/api.js");
  expect(sources.join()).not.toContain("broker");
});

it("accepts a route that keeps to its modules and its budget", () => {
  expect(chartErrors(bundle)).toEqual([]);
});

it("reports the size of a route over budget, and what to do", () => {
  expect(chartErrors(bundle, 10)).toEqual([
    expect.stringMatching(/^chart: \d+ bytes after gzip, and the budget is 10; make it smaller \(.*\), or raise .* in .*budget.json$/),
  ]);
});

it("reports code of a module that the route does not call, imported directly or through a helper", async () => {
  const side = 'export { Side } from "../clients/ws-types-broker/index.ts";';
  const chart = `${FILES[CHART]}\nimport { Side } from "../plugins/side.js"; window.s = Side;`;
  const page = await buildPage({ "src/plugins/side.js": side, [CHART]: chart });
  expect(chartErrors(page)).toEqual([
    "chart: loads src/clients/ws-types-broker/index.ts, but the route calls only feed",
  ]);
});

it("throws if a route is not in the bundle", () => {
  expect(() => bundle.filesOf({ entry: "src/routes/gone.js", modules: [] })).toThrow("no chunk for src/routes/gone.js");
});

it("keeps every route of the page within bundle-budget.json", () => {
  const page = new Bundle(join(FRONTEND, "dist"));
  const file = join(FRONTEND, "bundle-budget.json");
  const routes = page.lazyEntries().filter((entry) => !entry.startsWith("src/clients/"));
  expect(routes.sort()).toEqual(Object.values(readBudget(file)).map(({ entry }) => entry).sort());
  expect(budgetErrors(page, file)).toEqual([]);
});

it("reports the size and the budget of every route of the page", () => {
  const run = spawnSync(join(FRONTEND, "scripts/bundle-report.mjs"), { encoding: "utf8" });
  expect(run.stderr).toBe("");
  for (const [name, { gzipBytes }] of Object.entries(readBudget(join(FRONTEND, "bundle-budget.json")))) {
    expect(run.stdout).toMatch(new RegExp(` ${name} +│ +[\\d.]+ +│ +[\\d.]+ +│ +${gzipBytes / 1000} +│`));
  }
});
