#!/usr/bin/env node
// Usage: bundle-report.mjs [SVG]
// Prints what each route of the built page loads, and draws it, by default in docs/images/.
import { join } from "node:path";
import { runnerImport } from "vite";

const path = (relative) => join(import.meta.dirname, relative);

// Vite runs TypeScript where Node cannot.
const { module } = await runnerImport(path("../dev/bundleReport.ts"), { configFile: false, root: path("..") });
await module.report(
  path(".."),
  path("../../backend/src/trading_api/modules"),
  process.argv[2] ?? path("../../docs/images/bundle.svg"),
);
