import { isAbsolute, relative } from "node:path";
import type { Plugin } from "vite";

/**
 * Write `.vite/modules.json` beside Vite's manifest, which does not tell: the modules whose code is
 * in each chunk, as `{ "assets/x.js": ["src/main.ts", ...] }`, relative to the root of the project.
 */
export function chunkModules(): Plugin {
  let root = "";
  return {
    name: "chunk-modules",
    apply: "build",
    configResolved(config) {
      root = config.root;
    },
    generateBundle(_options, bundle) {
      const chunks: Record<string, string[]> = {};
      for (const output of Object.values(bundle)) {
        if (output.type !== "chunk") continue;
        const used = Object.entries(output.modules).filter(([, module]) => module.renderedLength > 0);
        chunks[output.fileName] = used.map(([id]) => shortId(root, id)).sort();
      }
      this.emitFile({ type: "asset", fileName: ".vite/modules.json", source: JSON.stringify(chunks, null, 1) });
    },
  };
}

function shortId(root: string, id: string): string {
  const path = id.replace(/\?.*$/, "");
  return isAbsolute(path) ? relative(root, path) : path;
}
