import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { configDefaults, defineConfig } from "vitest/config";
import { chunkModules } from "./dev/chunkModules.ts";
import { moduleProxies } from "./dev/proxies.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

const proxy = moduleProxies(path("../backend/src/trading_api/modules"));

export default defineConfig({
  plugins: [vue(), chunkModules()],
  build: { manifest: true },
  resolve: { alias: { "@": path("./src") } },
  server: { proxy },
  preview: { proxy },
  cacheDir: ".cache/vite",
  test: {
    include: ["tests/**/*.test.ts"],
    // They need a browser: `make test-browser`.
    exclude: [...configDefaults.exclude, "tests/browser/**"],
    // The tests of the generators start one JVM each, on machines that may be busy.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
