import { fileURLToPath } from "node:url";
import vue from "@vitejs/plugin-vue";
import { configDefaults, defineConfig } from "vitest/config";
import { describeBundle } from "./dev/bundle.ts";
import { moduleProxies } from "./dev/proxies.ts";
import { pageHeaders } from "./dev/securityHeaders.ts";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

export default defineConfig({
  plugins: [vue(), describeBundle(), pageHeaders(), moduleProxies(path("../backend/src/trading_api/modules"))],
  build: { rolldownOptions: { checks: { pluginTimings: false } } },
  resolve: { alias: { "@": path("./src") } },
  cacheDir: ".cache/vite",
  test: {
    include: ["tests/**/*.test.ts"],
    // These need a browser: `make test-browser`.
    exclude: [...configDefaults.exclude, "tests/browser/**"],
    // The tests of the generators start a JVM each, on machines that may be busy.
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
