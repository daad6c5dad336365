// Type-checks generated folders with TypeScript 7 and every strict flag, for publish-clients.mjs.
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { reportError } from "./spec-errors.mjs";

const COMPILER = join(import.meta.dirname, "../node_modules/typescript-native/bin/tsc");
const DIAGNOSTIC = /^(.+?)\((\d+),\d+\): error (TS\d+: .*)$/;
const DECLARATION = /^export (?:interface|type|const) ([\p{ID_Continue}$]+)/u;
const MEMBER = /^ {2}(?:"((?:[^"\\]|\\.)*)"|([\p{ID_Continue}$]+))[(:]/u;

/** Print an error that no spec has caused, and exit. */
function fail(text) {
  console.error(text);
  process.exit(2);
}

/** Return the compiler's diagnostics: the file, the line and the text of each. */
function diagnose(work, prefix) {
  // The package.json makes the folder's files ECMAScript modules, wherever it is.
  writeFileSync(join(work, "package.json"), '{ "type": "module" }');
  writeFileSync(join(work, "tsconfig.json"), JSON.stringify({ extends: join(import.meta.dirname, "tsconfig.clients.json"), include: [`${prefix}*/*.ts`] }));
  try {
    execFileSync(process.execPath, [COMPILER, "--project", work, "--pretty", "false"], { encoding: "utf8", cwd: work, maxBuffer: 2 ** 28 });
    return [];
  } catch (error) {
    const found = String(error.stdout).split("\n").flatMap((line) => {
      const [, file, number, text] = DIAGNOSTIC.exec(line) ?? [];
      return file ? [{ file: resolve(work, file), line: Number(number), text }] : [];
    });
    return found.length ? found : fail(error.stdout || error.message);
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

/** Return the modules whose folders compile. For each of the others, report the first error with its spec and pointer. */
export function modulesThatCompile(work, prefix, modules, specOf) {
  const failed = new Set();
  for (const { file, line, text } of modules.length ? diagnose(work, prefix) : []) {
    const [folder] = relative(work, file).split("/");
    const module = folder.slice(prefix.length);
    if (!folder.startsWith(prefix)) fail(`${file}(${line}): ${text}`);
    if (failed.has(module)) continue;
    failed.add(module);
    const locations = join(work, `${folder}.locations.json`);
    const source = sourceOf(file, line, existsSync(locations) ? JSON.parse(readFileSync(locations, "utf8")) : {});
    const where = `${relative(join(work, folder), file)}:${line}`;
    reportError(specOf(module), new Error(`${source}: does not compile (${where}: ${text}); rename or simplify what is there`));
  }
  return modules.filter((module) => !failed.has(module));
}
