// Print each TypeScript file below FOLDER that uses the identifier NAME in its code, not in a text or a comment.
// Usage: node find-identifiers.mjs TYPESCRIPT_PACKAGE FOLDER NAME
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const [packageFolder, folder, name] = process.argv.slice(2);
const ts = createRequire(import.meta.url)(packageFolder);

function uses(node) {
  return (ts.isIdentifier(node) && node.text === name) || ts.forEachChild(node, (child) => uses(child) || undefined) === true;
}

for (const file of readdirSync(folder, { recursive: true }).filter((each) => each.endsWith(".ts"))) {
  const path = join(folder, file);
  if (uses(ts.createSourceFile(path, readFileSync(path, "utf8"), ts.ScriptTarget.Latest))) console.log(file);
}
