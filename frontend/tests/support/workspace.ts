/** A temporary folder of modules and generated clients, for tests that run the generators. */
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const FRONTEND = fileURLToPath(new URL("../..", import.meta.url));
const FIXTURES = join(FRONTEND, "tests/fixtures");

export interface Run {
  status: number | null;
  stdout: string;
  stderr: string;
}

export class Workspace {
  readonly root: string;
  readonly modules: string;
  readonly clients: string;

  constructor() {
    // Inside frontend/, so that the generated files can import axios.
    mkdirSync(join(FRONTEND, ".cache"), { recursive: true });
    this.root = mkdtempSync(join(FRONTEND, ".cache/test-"));
    this.modules = join(this.root, "modules");
    this.clients = join(this.root, "clients");
    mkdirSync(this.modules);
  }

  remove(): void {
    rmSync(this.root, { recursive: true });
  }

  specFile(module: string, name: string): string {
    return join(this.modules, module, "specs", name);
  }

  /** Add a module with the spec of the fixture. */
  addModule(module: string, name: "openapi.json" | "asyncapi.json"): void {
    const text = readFileSync(join(FIXTURES, `shapes.${name}`), "utf8");
    this.writeSpec(module, name, text.replaceAll("market_data", module));
  }

  writeSpec(module: string, name: string, text: string): void {
    mkdirSync(join(this.modules, module, "specs"), { recursive: true });
    writeFileSync(this.specFile(module, name), text);
  }

  editSpec(module: string, name: string, from: string, to: string): void {
    const text = readFileSync(this.specFile(module, name), "utf8");
    if (!text.includes(from)) throw new Error(`the spec does not contain ${from}`);
    writeFileSync(this.specFile(module, name), text.replace(from, to));
  }

  removeModule(module: string): void {
    rmSync(join(this.modules, module), { recursive: true });
  }

  /** The options that make a generator use this folder. */
  get options(): string[] {
    return ["--specs-dir", this.modules, "--output-dir", this.clients];
  }

  /** Run a generator from another working directory; `specs` are the specs to generate, by default all. */
  generate(script: string, { env = {}, specs = [] }: { env?: Record<string, string>; specs?: string[] } = {}): Run {
    const { status, stdout, stderr } = spawnSync(join(FRONTEND, "scripts", script), [...this.options, ...specs], {
      cwd: this.root,
      encoding: "utf8",
      env: { ...process.env, ...env },
    });
    return { status, stdout, stderr };
  }

  /** Return a hash of the file names and contents of each generated folder. */
  checksums(): Record<string, string> {
    return Object.fromEntries(
      readdirSync(this.clients, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort()
        .map((folder) => [folder, checksum(join(this.clients, folder))]),
    );
  }

  filesOf(folder: string): string[] {
    return readdirSync(join(this.clients, folder)).filter((name) => !name.startsWith("."));
  }

  /** Compile a fixture beside the clients; return the compiler's errors. */
  compile(fixture: string, options: ts.CompilerOptions = {}): string[] {
    const file = join(this.clients, fixture);
    cpSync(join(FIXTURES, fixture), file);
    const program = ts.createProgram([file], {
      noEmit: true,
      strict: true,
      skipLibCheck: true,
      verbatimModuleSyntax: true,
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      lib: ["lib.es2022.d.ts", "lib.dom.d.ts"],
      types: [],
      ...options,
    });
    const diagnostics = ts.getPreEmitDiagnostics(program);
    rmSync(file);
    return diagnostics.map((diagnostic) => {
      const line = diagnostic.file?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? -1;
      const text = ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n");
      return `${diagnostic.file?.fileName ?? ""}:${line + 1}: ${text}`;
    });
  }
}

function checksum(folder: string): string {
  const hash = createHash("sha256");
  for (const name of readdirSync(folder).sort()) {
    hash.update(name).update(readFileSync(join(folder, name)));
  }
  return hash.digest("hex");
}
