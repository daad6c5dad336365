import { defineConfig } from "vitest/config";

// `--mode screenshots` takes the screenshots of the README instead of testing.
export default defineConfig(({ mode }) => ({
  cacheDir: ".cache/vite-browser",
  test: {
    include: [mode === "screenshots" ? "tests/browser/screenshots.ts" : "tests/browser/*.test.ts"],
    // The tests start the services and a browser, on machines that may be busy.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    fileParallelism: false,
    // Later tests depend on the page's state after earlier ones.
    bail: 1,
  },
}));
