// Find the calls of operations, the subscriptions to streams and the uses of fields in the page's sources.
//
// Standard input: {"sources": folder, "fields": [name], "modules": [{"name", "prefix", "operations", "streams"}]}.
// Standard output: {"calls": [{file, line, module, category, name}], "reads": [{file, line, field}], "names": {file: [name]}}.
// Generated clients and tests are no callers. Types are not checked: the clients may be those of another version.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";
import { memberName } from "./schema.mjs";

const { sources, fields, modules } = JSON.parse(readFileSync(0, "utf8"));

/** Return the page's files, those of Vue with everything but their script as blank lines. */
function readSources(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(ts|vue)$/.test(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath ?? entry.path, entry.name)))
    .filter((file) => !file.startsWith("clients/"));
  return files.sort().map((file) => {
    const text = readFileSync(join(folder, file), "utf8");
    return ts.createSourceFile(file, file.endsWith(".vue") ? scriptOf(text) : text, ts.ScriptTarget.Latest, true, ts.ScriptKind.TS);
  });
}

function scriptOf(text) {
  const [, opening, script] = /^([^]*?<script[^>]*>)([^]*?)<\/script>/.exec(text) ?? [undefined, "", ""];
  return opening.replaceAll(/[^\n]/g, "") + script;
}

function* descendants(node) {
  yield node;
  const children = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) yield* descendants(child);
}

function identifiers(node) {
  return node ? [...descendants(node)].filter(ts.isIdentifier).map(({ text }) => text) : [];
}

const mentions = (node, names) => identifiers(node).some((name) => names.has(name));

/** Return the declarations of a file that other code may name. */
function declarations(source) {
  return source.statements.flatMap((statement) => {
    if (ts.isVariableStatement(statement)) return statement.declarationList.declarations.filter(({ name }) => ts.isIdentifier(name));
    return (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) && statement.name ? [statement] : [];
  });
}

/** Return the names that lead to a client, from its class on: those whose declaration names one and does not use it. */
function providers(files, roots, uses) {
  const names = new Set(roots);
  for (let size = -1; size !== names.size; ) {
    size = names.size;
    for (const declaration of files.flatMap(declarations)) {
      if (mentions(declaration, names) && [...descendants(declaration)].every((node) => !uses(node, names))) names.add(declaration.name.text);
    }
  }
  return names;
}

/** Whether an expression is a client: it names a provider, or is an argument of a function that a provider is given. */
function isClient(expression, names) {
  if (mentions(expression, names)) return true;
  if (!ts.isIdentifier(expression)) return false;
  for (let node = expression.parent; node; node = node.parent) {
    const parameter = node.parameters?.find(({ name }) => name.getText() === expression.text);
    if (parameter) return mentions(parameter.type, names) || (ts.isCallExpression(node.parent) && mentions(node.parent.expression, names));
    const local = node.statements?.filter(ts.isVariableStatement).flatMap((each) => [...each.declarationList.declarations]);
    const declared = local?.find(({ name }) => name.getText() === expression.text);
    if (declared) return mentions(declared.initializer, names) || mentions(declared.type, names);
  }
  return false;
}

const operationUses = (operations) => (node, names) =>
  ts.isPropertyAccessExpression(node) && operations.has(node.name.text) && isClient(node.expression, names) ? operations.get(node.name.text) : undefined;

/** A subscription passes the stream's name to something that leads to the module's streams. */
const streamUses = (streams) => (node, names) => {
  if (!ts.isCallExpression(node)) return undefined;
  const literal = node.arguments.find((argument) => ts.isStringLiteralLike(argument) && streams.has(argument.text));
  const receiver = ts.isPropertyAccessExpression(node.expression) ? node.expression.expression : node.expression;
  return literal && isClient(receiver, names) ? literal.text : undefined;
};

function findCalls(files, { name: module, prefix, operations, streams }) {
  const searches = [
    ["operation", `${prefix}Api`, operationUses(new Map(operations.map((id) => [memberName(id), id])))],
    ["stream", `${prefix}Streams`, streamUses(new Set(streams))],
  ];
  return searches.flatMap(([category, root, uses]) => {
    const names = providers(files, [root], uses);
    return files.flatMap((source) =>
      [...descendants(source)].flatMap((node) => {
        const name = uses(node, names);
        return name === undefined ? [] : [{ ...position(source, node), module, category, name }];
      }),
    );
  });
}

function findReads(files) {
  const wanted = new Set(fields);
  return files.flatMap((source) =>
    [...descendants(source)]
      .filter((node) => ts.isIdentifier(node) && wanted.has(node.text) && isMember(node))
      .map((node) => ({ ...position(source, node), field: node.text })),
  );
}

/** Whether an identifier names a member of an object: `bar.volume`, `{ volume }`, `{ volume: 1 }`. */
function isMember({ parent }) {
  return (
    ts.isPropertyAccessExpression(parent) || ts.isBindingElement(parent) || ts.isPropertyAssignment(parent) || ts.isShorthandPropertyAssignment(parent)
  );
}

function position(source, node) {
  const end = ts.isPropertyAccessExpression(node) ? node.name : node;
  return { file: source.fileName, line: source.getLineAndCharacterOfPosition(end.getStart()).line + 1 };
}

const files = readSources(sources);
const names = fields.length ? files.map((source) => [source.fileName, [...new Set(identifiers(source))]]) : [];
console.log(JSON.stringify({ calls: modules.flatMap((module) => findCalls(files, module)), reads: findReads(files), names: Object.fromEntries(names) }));
