/** What each route of the built page may weigh, and what it weighs. */
import { readFileSync } from "node:fs";
import type { Bundle, Route } from "./bundle.ts";

/** A route with its budget for JavaScript and CSS together, after gzip. */
export interface BudgetedRoute extends Route {
  gzipBytes: number;
}

export function readBudget(file: string): Record<string, BudgetedRoute> {
  return JSON.parse(readFileSync(file, "utf8")).routes;
}

/** Return an error for each route over budget, and for each source of an API module that a route does not call. */
export function budgetErrors(bundle: Bundle, budgetFile: string): string[] {
  return Object.entries(readBudget(budgetFile)).flatMap(([name, route]) => {
    const files = bundle.filesOf(route);
    const size = bundle.gzipBytes(files);
    const errors = files
      .flatMap((file) => bundle.sourcesOf(file))
      .filter((source) => isForeign(source, route))
      .map((source) => `${name}: loads ${source}, but the route calls only ${route.modules.join(", ")}`);
    if (size <= route.gzipBytes) return errors;
    return [
      ...errors,
      `${name}: ${size} bytes after gzip, and the budget is ${route.gzipBytes};` +
        ` make it smaller (make -C frontend bundle-report), or raise gzipBytes in ${budgetFile}`,
    ];
  });
}

function isForeign(source: string, route: Route): boolean {
  const module = /^src\/clients\/(?:trader-client|ws-types)-(\w+)\//.exec(source)?.[1];
  return module !== undefined && !route.modules.includes(module);
}

/** Return a row of the report for each route, with sizes after gzip. */
export function budgetReport(bundle: Bundle, budgetFile: string): Record<string, Record<string, unknown>> {
  const kB = (bytes: number) => Math.round(bytes / 100) / 10;
  const rows = Object.entries(readBudget(budgetFile)).map(([name, route]) => [
    name,
    {
      "every route (kB)": kB(bundle.gzipBytes(bundle.filesOfPage())),
      "this route (kB)": kB(bundle.gzipBytes(bundle.filesOf(route))),
      "budget (kB)": kB(route.gzipBytes),
      "REST clients": route.modules.join(", "),
    },
  ]);
  return Object.fromEntries(rows);
}
