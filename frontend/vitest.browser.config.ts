import { defineConfig } from "vitest/config";

// `--mode screenshots` draws the pictures of the README instead of testing.
export default defineConfig(({ mode }) => ({
  cacheDir: ".cache/vite-browser",
  test: {
    include: [mode === "screenshots" ? "tests/browser/screenshots.ts" : "tests/browser/*.test.ts"],
    // Two services and a browser are started first, on machines that may be busy.
    testTimeout: 60_000,
    hookTimeout: 180_000,
    fileParallelism: false,
    // The later tests go on where the earlier ones have led the page.
    bail: 1,
  },
}));
