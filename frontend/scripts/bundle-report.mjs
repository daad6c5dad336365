#!/usr/bin/env node
// Usage: bundle-report.mjs
// Prints what a browser loads for each route of the built page, beside the route's budget.
import { join } from "node:path";
import { runnerImport } from "vite";

const root = join(import.meta.dirname, "..");
// Vite runs TypeScript, which Node 20 cannot.
const load = async (file) => (await runnerImport(join(root, file), { configFile: false, root })).module;

const { Bundle } = await load("dev/bundle.ts");
const { budgetReport } = await load("dev/budget.ts");
console.table(budgetReport(new Bundle(join(root, "dist")), join(root, "bundle-budget.json")));
