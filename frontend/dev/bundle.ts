/** Which files of the built page a browser loads for a route, and what is in them. */
import { readFileSync } from "node:fs";
import { isAbsolute, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const DESCRIPTION = ".vite/bundle.json";

interface Chunk {
  kind: "page" | "lazy" | "shared";
  /** The source file that the chunk starts with; null for a shared chunk. */
  entry: string | null;
  imports: string[];
  css: string[];
  sources: string[];
}

/** A route of the page: its lazy component, and the API modules whose REST clients it calls. */
export interface Route {
  entry: string;
  modules: string[];
}

/** Return the Vite plugin that writes the description which `Bundle` reads, with paths relative to the root. */
export function describeBundle(): Plugin {
  let root = "";
  const source = (id: string): string => {
    const path = id.replace(/\?.*$/, "");
    return isAbsolute(path) ? relative(root, path) : path;
  };
  return {
    name: "describe-bundle",
    apply: "build",
    configResolved: (config) => {
      root = config.root;
    },
    generateBundle(_options, bundle) {
      const chunks: Record<string, Chunk> = {};
      for (const output of Object.values(bundle)) {
        if (output.type !== "chunk") continue;
        const used = Object.entries(output.modules).filter(([, module]) => module.renderedLength > 0);
        chunks[output.fileName] = {
          kind: output.isEntry ? "page" : output.isDynamicEntry ? "lazy" : "shared",
          entry: output.facadeModuleId && source(output.facadeModuleId),
          imports: output.imports,
          css: [...(output.viteMetadata?.importedCss ?? [])],
          sources: used.map(([id]) => source(id)).sort(),
        };
      }
      this.emitFile({ type: "asset", fileName: DESCRIPTION, source: JSON.stringify(chunks, null, 1) });
    },
  };
}

/** A page that was built with `describeBundle`. */
export class Bundle {
  private readonly chunks: Record<string, Chunk>;

  constructor(private readonly dist: string) {
    this.chunks = JSON.parse(readFileSync(join(dist, DESCRIPTION), "utf8"));
  }

  /** Return the source files that are loaded on demand, such as routes. */
  lazyEntries(): string[] {
    return Object.values(this.chunks).flatMap(({ kind, entry }) => (kind === "lazy" && entry ? [entry] : []));
  }

  /**
   * Return the files that a browser loads for a route, sorted: the page itself, the route's
   * component and the clients that it calls, each with its static imports. The bundle does not show
   * which clients a route calls, so the route declares them; the browser tests check that.
   */
  filesOf(route: Route): string[] {
    const clients = route.modules.map((module) => `src/clients/trader-client-${module}/index.ts`);
    return this.withImports([...this.filesOfPage(), ...[route.entry, ...clients].map((entry) => this.fileOf(entry))]);
  }

  /** Return the files that a browser loads for every route. */
  filesOfPage(): string[] {
    return this.withImports(Object.keys(this.chunks).filter((file) => this.chunks[file]?.kind === "page"));
  }

  /** Return the source files whose code is in a file of the bundle. */
  sourcesOf(file: string): string[] {
    return this.chunks[file]?.sources ?? [];
  }

  /** Return the total size in bytes of files after gzip. */
  gzipBytes(files: string[]): number {
    const sizes = files.map((file) => gzipSync(readFileSync(join(this.dist, file)), { level: 9 }).length);
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  private fileOf(entry: string): string {
    const file = Object.keys(this.chunks).find((name) => this.chunks[name]?.entry === entry);
    if (!file) throw new Error(`${this.dist}: no chunk for ${entry}`);
    return file;
  }

  private withImports(starts: string[]): string[] {
    const files = new Set(starts);
    // Visits what the loop adds, too.
    for (const file of files) {
      const { imports = [], css = [] } = this.chunks[file] ?? {};
      for (const needed of [...imports, ...css]) files.add(needed);
    }
    return [...files].sort();
  }
}
