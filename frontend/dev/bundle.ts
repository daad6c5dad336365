import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

interface ManifestChunk {
  file: string;
  imports?: string[];
  dynamicImports?: string[];
  css?: string[];
  isEntry?: boolean;
  isDynamicEntry?: boolean;
}

/** A route of the page: its lazy component, and the modules whose REST clients it calls. */
export interface Route {
  entry: string;
  modules: string[];
}

/** A built page, as Vite's manifest and `chunkModules` describe it. */
export class Bundle {
  private readonly manifest: Record<string, ManifestChunk>;
  private readonly modules: Record<string, string[]>;

  constructor(private readonly dist: string) {
    this.manifest = readJson(join(dist, ".vite/manifest.json"));
    this.modules = readJson(join(dist, ".vite/modules.json"));
  }

  /** The source files that are loaded when they are needed, such as routes. */
  lazyEntries(): string[] {
    return Object.keys(this.manifest).filter((key) => this.manifest[key]?.isDynamicEntry);
  }

  /**
   * Return the files that a browser loads for a route, sorted: those of the page itself, of the
   * route's component, and of the clients it calls, each with all that they import statically.
   * Which clients these are is declared, for the bundle does not tell which lazy import a function
   * runs; the browser's tests compare the answer with what is loaded.
   */
  filesOf(route: Route): string[] {
    const clients = route.modules.map((module) => `src/clients/trader-client-${module}/index.ts`);
    const files = [route.entry, ...clients].flatMap((key) => [...this.closure(key)]);
    return [...new Set([...this.filesOfPage(), ...files])].sort();
  }

  /** Return the files that a browser loads whatever the route is. */
  filesOfPage(): string[] {
    const pages = Object.keys(this.manifest).filter((key) => this.manifest[key]?.isEntry);
    return pages.flatMap((key) => [...this.closure(key)]);
  }

  /** Return the source files, relative to the project's root, whose code is in a file of the bundle. */
  sourcesOf(file: string): string[] {
    return this.modules[file] ?? [];
  }

  /** Return the size in bytes of a file as a server sends it. */
  gzipBytes(file: string): number {
    return gzipSync(readFileSync(join(this.dist, file)), { level: 9 }).length;
  }

  private closure(start: string): Set<string> {
    const files = new Set<string>();
    const visit = (key: string): void => {
      const chunk = this.manifest[key];
      if (!chunk) throw new Error(`${this.dist}: the manifest has no chunk for ${key}`);
      if (files.has(chunk.file)) return;
      files.add(chunk.file);
      for (const sheet of chunk.css ?? []) files.add(sheet);
      chunk.imports?.forEach(visit);
    };
    visit(start);
    return files;
  }
}

/** Return the sum of the sizes of files in bytes, as a server sends them. */
export function gzipBytes(bundle: Bundle, files: string[]): number {
  return files.reduce((sum, file) => sum + bundle.gzipBytes(file), 0);
}

function readJson<T>(file: string): T {
  return JSON.parse(readFileSync(file, "utf8")) as T;
}
