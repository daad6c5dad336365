/** Reads the names and fields of models and enums, from Python and from generated TypeScript. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { FRONTEND } from "../support/workspace";

interface Field {
  optional: boolean;
  nullable: boolean;
  /** The values of an enum or a literal, sorted as text; null for other types. */
  values: (string | number)[] | null;
}
type Models = Record<string, Record<string, Field>>;
type Enums = Record<string, Record<string, string | number>>;

export interface ClientModels {
  models: Models;
  enums: Enums;
}

export interface PythonModels extends ClientModels {
  /** For each module, the messages of its WebSocket, and the request and update of each stream. */
  streams: Record<string, { messages: Models; streams: Record<string, [string, string]> }>;
}

const BACKEND = join(FRONTEND, "../backend");

/** Return the Python models and enums. */
export function readPython(): PythonModels {
  const python = join(BACKEND, ".venv/bin/python");
  if (!existsSync(python)) throw new Error(`${python} does not exist; run: make -C backend install`);
  const run = spawnSync(python, [join(BACKEND, "tests/support/dump_models.py")], { encoding: "utf8" });
  if (run.status !== 0) throw new Error(`dump_models.py failed: ${run.stderr}`);
  return JSON.parse(run.stdout);
}

/** Return the text of a generated file. */
export function clientSource(file: string): string {
  return readFileSync(join(FRONTEND, "src/clients", file), "utf8");
}

/** Return the interfaces and enums of a generated file. */
export function readClient(text: string): ClientModels {
  const { statements } = ts.createSourceFile("client.ts", text, ts.ScriptTarget.Latest, true);
  const enums = Object.fromEntries(statements.flatMap(enumsOf));
  const aliases = new Map(statements.filter(ts.isTypeAliasDeclaration).map(({ name, type }) => [name.text, type]));
  const models = statements.filter(ts.isInterfaceDeclaration).map(({ name, members }) => {
    const fields = members.filter(ts.isPropertySignature).map((member) => fieldOf(member, aliases, enums));
    return [name.text, Object.fromEntries(fields)] as const;
  });
  return { models: Object.fromEntries(models), enums };
}

function fieldOf(member: ts.PropertySignature, aliases: Map<string, ts.TypeNode>, enums: Enums): [string, Field] {
  const literals = member.type ? membersOf(member.type, aliases, enums) : [undefined];
  const values = literals.filter((value) => value !== null);
  const closed = values.every((value) => value !== undefined);
  const name = ts.isIdentifier(member.name) || ts.isStringLiteral(member.name) ? member.name.text : member.name.getText();
  return [
    name,
    {
      optional: member.questionToken !== undefined,
      nullable: values.length < literals.length,
      values: closed ? values.sort((a, b) => (String(a) < String(b) ? -1 : 1)) : null,
    },
  ];
}

/** Return the members of a union: the value of a literal, null, and undefined for other types. */
function membersOf(
  type: ts.TypeNode,
  aliases: Map<string, ts.TypeNode>,
  enums: Enums,
): (string | number | null | undefined)[] {
  if (ts.isUnionTypeNode(type)) return type.types.flatMap((member) => membersOf(member, aliases, enums));
  if (ts.isParenthesizedTypeNode(type)) return membersOf(type.type, aliases, enums);
  if (ts.isLiteralTypeNode(type)) return [literalOf(type.literal)];
  if (!ts.isTypeReferenceNode(type)) return [undefined];
  const name = type.typeName.getText();
  if (enums[name]) return Object.values(enums[name]);
  const alias = aliases.get(name);
  return alias ? membersOf(alias, aliases, enums) : [undefined];
}

/** Return the enum that `export const X = {...} as const` declares; the constant STREAMS is not an enum. */
function enumsOf(statement: ts.Statement): [string, Enums[string]][] {
  if (!ts.isVariableStatement(statement)) return [];
  return statement.declarationList.declarations.flatMap(({ name, initializer }) => {
    if (!initializer || !ts.isAsExpression(initializer)) return [];
    const { expression } = initializer;
    if (!ts.isObjectLiteralExpression(expression) || !ts.isIdentifier(name) || name.text === "STREAMS") return [];
    const members = expression.properties.filter(ts.isPropertyAssignment).map((property) => {
      const { name: member } = property;
      const key = ts.isIdentifier(member) || ts.isStringLiteral(member) ? member.text : member.getText();
      return [key, literalOf(property.initializer)];
    });
    return [[name.text, Object.fromEntries(members)]];
  });
}

function literalOf(node: ts.Node): string | number | null | undefined {
  if (ts.isStringLiteral(node)) return node.text;
  if (ts.isNumericLiteral(node)) return Number(node.text);
  if (ts.isPrefixUnaryExpression(node)) return Number(node.getText());
  return node.kind === ts.SyntaxKind.NullKeyword ? null : undefined;
}
