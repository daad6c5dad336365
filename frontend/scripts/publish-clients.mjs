#!/usr/bin/env node
// Usage: publish-clients.mjs KIND WORK PREFIX SPEC_NAME SPECS_DIR OUTPUT_DIR STARTED
// Type-checks the folders WORK/PREFIX<module>/, replaces those in OUTPUT_DIR that have changed, and removes those whose
// module has no spec any more. STARTED is the time, in seconds, at which the run has begun.
// Exit code 1: some modules do not compile, and keep their previous folders. 2: something else failed.
import { existsSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { modulesThatCompile } from "./check-clients.mjs";

/** Return the modules that have a folder in `parent`. */
function modulesIn(parent, prefix) {
  const folders = readdirSync(parent, { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name.startsWith(prefix));
  return folders.map(({ name }) => name.slice(prefix.length));
}

/** Whether two folders have the same files. */
function isSame(one, other) {
  if (!existsSync(other)) return false;
  const [files, others] = [one, other].map((folder) => readdirSync(folder).sort());
  return files.join("/") === others.join("/") && files.every((name) => readFileSync(join(one, name)).equals(readFileSync(join(other, name))));
}

const [kind, work, prefix, specName, specsDir, outputDir, started] = process.argv.slice(2);
const count = { written: 0, unchanged: 0, removed: 0 };

for (const module of modulesThatCompile(resolve(work), prefix, modulesIn(work, prefix), (name) => join(specsDir, name, "specs", specName))) {
  const [folder, target] = [join(work, prefix + module), join(outputDir, prefix + module)];
  if (isSame(folder, target)) {
    count.unchanged += 1;
    continue;
  }
  if (existsSync(target)) renameSync(target, `${folder}.old`);
  renameSync(folder, target);
  count.written += 1;
  console.log(`${prefix}${module}: written`);
}
for (const module of modulesIn(outputDir, prefix)) {
  if (existsSync(join(specsDir, module, "specs", specName))) continue;
  rmSync(join(outputDir, prefix + module), { recursive: true });
  count.removed += 1;
  console.log(`${prefix}${module}: removed, its module has no ${specName}`);
}
const seconds = (Date.now() / 1000 - Number(started.replace(",", "."))).toFixed(1);
console.log(`${kind}: ${count.written} written, ${count.unchanged} unchanged, ${count.removed} removed (${seconds} s)`);
