import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { barChart, type BarGroup } from "./barChart.ts";
import { measure, readBudget, type MeasuredRoute } from "./budget.ts";
import { Bundle } from "./bundle.ts";
import { compareWithMerged, type Comparison } from "./synthetic.ts";

const COUNTS = [2, 50];

/** Print what each route of the built page loads and what one merged client would cost; draw both. */
export async function report(frontend: string, modulesDir: string, svgFile: string): Promise<void> {
  const routes = measure(new Bundle(join(frontend, "dist")), readBudget(join(frontend, "bundle-budget.json")));
  const comparisons: Comparison[] = [];
  for (const count of COUNTS) comparisons.push(await compareWithMerged(frontend, modulesDir, count));
  console.log(table(routes, comparisons));
  mkdirSync(dirname(svgFile), { recursive: true });
  writeFileSync(svgFile, barChart("What a browser loads per route, in kB after gzip", groups(routes, comparisons)));
  console.log(`drawn in ${svgFile}`);
}

function table(routes: MeasuredRoute[], comparisons: Comparison[]): string {
  const rows = [
    ["route of the page", "gzip", "budget", "REST clients"],
    ...routes.map((route) => [route.name, kB(route.total), kB(route.gzipBytes), route.modules.join(", ")]),
    [],
    ["one lazy route among", "per module", "merged", "difference"],
    ...comparisons.map(({ modules, perModule, merged }) => [
      `${modules} modules`, kB(perModule), kB(merged), `+${Math.round((merged / perModule - 1) * 100)} %`,
    ]),
  ];
  return rows.map((cells) => cells.map((cell, index) => cell.padEnd(index ? 12 : 24)).join("").trimEnd()).join("\n");
}

function groups(routes: MeasuredRoute[], comparisons: Comparison[]): BarGroup[] {
  const page = routes.map(({ name, total, shared, gzipBytes }) => ({
    label: name,
    parts: [
      { value: shared, tone: "plain" as const },
      { value: total - shared, tone: "strong" as const },
    ],
    note: `${kB(total)}, budget ${kB(gzipBytes)}`,
  }));
  const alternatives = comparisons.flatMap(({ modules, perModule, merged }) => [
    { label: `${modules} modules, a client each`, parts: [{ value: perModule, tone: "strong" as const }], note: kB(perModule) },
    { label: `${modules} modules, one client`, parts: [{ value: merged, tone: "alternative" as const }], note: kB(merged) },
  ]);
  return [
    { title: "Routes of the page, and their budgets (grey: what every route loads)", bars: page },
    { title: "A lazy route that calls one module, with axios", bars: alternatives },
  ];
}

function kB(bytes: number): string {
  return `${(bytes / 1000).toFixed(1)} kB`;
}
