import { readFileSync } from "node:fs";
import { gzipBytes, type Bundle, type Route } from "./bundle.ts";

/** A route with what it may weigh: `gzipBytes` of JavaScript and CSS together. */
export interface BudgetedRoute extends Route {
  gzipBytes: number;
}

/** A route with what it weighs, in bytes after gzip; `shared` is what every route loads. */
export interface MeasuredRoute extends BudgetedRoute {
  name: string;
  files: string[];
  total: number;
  shared: number;
}

export function readBudget(file: string): Record<string, BudgetedRoute> {
  return (JSON.parse(readFileSync(file, "utf8")) as { routes: Record<string, BudgetedRoute> }).routes;
}

export function measure(bundle: Bundle, budget: Record<string, BudgetedRoute>): MeasuredRoute[] {
  const page = gzipBytes(bundle, bundle.filesOfPage());
  return Object.entries(budget).map(([name, route]) => {
    const files = bundle.filesOf(route);
    return { ...route, name, files, total: gzipBytes(bundle, files), shared: page };
  });
}

/** Return what is wrong with the routes: over the budget, or with code of modules they do not call. */
export function complaints(bundle: Bundle, routes: MeasuredRoute[], budgetFile: string): string[] {
  return routes.flatMap((route) => [
    ...foreignSources(bundle, route).map(
      (source) => `${route.name}: loads ${source}, but the route calls only ${route.modules.join(", ")}`,
    ),
    ...(route.total > route.gzipBytes
      ? [
          `${route.name}: ${route.total} bytes after gzip, and the budget is ${route.gzipBytes};` +
            ` make it smaller (make -C frontend bundle-report), or raise gzipBytes in ${budgetFile}`,
        ]
      : []),
  ]);
}

/** The sources of the API's modules other than the route's own that are in its files. */
function foreignSources(bundle: Bundle, { files, modules }: MeasuredRoute): string[] {
  return files
    .flatMap((file) => bundle.sourcesOf(file))
    .filter((source) => {
      const module = /^src\/clients\/(?:trader-client|ws-types)-(\w+)\//.exec(source)?.[1];
      return module !== undefined && !modules.includes(module);
    });
}
