#!/usr/bin/env node
// Usage: check-clients.mjs FOLDER SPEC_NAME SPECS_DIR PREFIX
// Type-checks the generated folders FOLDER/PREFIX<module>/ with TypeScript 7 and every strict flag.
// Prints the modules that compile, one a line; the errors of the others name the spec and the JSON pointer, and the
// exit code is 1. It is 2 if something else is wrong.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { reportError } from "./spec-errors.mjs";

const COMPILER = join(import.meta.dirname, "../node_modules/typescript-native/bin/tsc");
const DIAGNOSTIC = /^(.+?)\((\d+),\d+\): error (TS\d+: .*)$/;
const DECLARATION = /^export (?:interface|type|const) ([\p{ID_Continue}$]+)/u;
const MEMBER = /^ {2}(?:"((?:[^"\\]|\\.)*)"|([\p{ID_Continue}$]+))[(:]/u;

/** Return the compiler's diagnostics: the file, the line and the text of each. */
function diagnose(folder, prefix) {
  // The package.json makes the folder's files ECMAScript modules, wherever it is.
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify({ extends: join(import.meta.dirname, "tsconfig.clients.json"), include: [`${prefix}*/*.ts`] }));
  try {
    execFileSync(process.execPath, [COMPILER, "--project", folder, "--pretty", "false"], { encoding: "utf8", cwd: folder, maxBuffer: 2 ** 28 });
    return [];
  } catch (error) {
    const found = String(error.stdout).split("\n").flatMap((line) => {
      const [, file, number, text] = DIAGNOSTIC.exec(line) ?? [];
      return file ? [{ file: resolve(folder, file), line: Number(number), text }] : [];
    });
    if (found.length) return found;
    // Not the fault of a spec.
    console.error(error.stdout || error.message);
    return process.exit(2);
  }
}

/** Return the pointer of the schema or operation that a line was generated from. */
function sourceOf(file, line, { types = {}, operations = {} }) {
  const before = readFileSync(file, "utf8").split("\n").slice(0, line).reverse();
  const name = before.map((text) => DECLARATION.exec(text)?.[1]).find(Boolean);
  if (types[name]) return types[name];
  const members = before.map((text) => MEMBER.exec(text)).filter(Boolean).map(([, quoted, plain]) => plain ?? JSON.parse(`"${quoted}"`));
  return operations[members.find((member) => operations[member])] ?? "#";
}

const [path, specName, specsDir, prefix] = process.argv.slice(2);
const folder = resolve(path);
const failed = new Set();
for (const { file, line, text } of diagnose(folder, prefix)) {
  const directory = relative(folder, file).split("/")[0];
  if (!directory.startsWith(prefix)) {
    console.error(`${file}(${line}): ${text}`);
    process.exit(2);
  }
  const module = directory.slice(prefix.length);
  const locations = join(folder, `${directory}.locations.json`);
  const source = sourceOf(file, line, existsSync(locations) ? JSON.parse(readFileSync(locations, "utf8")) : {});
  if (!failed.has(module)) {
    const where = `${relative(join(folder, directory), file)}:${line}`;
    reportError(join(specsDir, module, "specs", specName), new Error(`${source}: does not compile (${where}: ${text}); rename or simplify what is there`));
  }
  failed.add(module);
}
const modules = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory() && entry.name.startsWith(prefix));
for (const { name } of modules) if (!failed.has(name.slice(prefix.length))) console.log(name.slice(prefix.length));
