/** The browser of the tests: $CHROMIUM, else an installed one, else the one of the package @sparticuz/chromium. */
import { execFileSync } from "node:child_process";
import { accessSync, constants, existsSync, mkdtempSync, renameSync, rmSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type Browser, type LaunchOptions } from "playwright-core";
import { FRONTEND } from "../support/workspace";

// Chrome first: on GitHub's runners, AppArmor allows its sandbox but not Chromium's.
const NAMES = ["google-chrome", "chromium", "chromium-browser"];
const MAC = "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome";
const PACKAGE = join(FRONTEND, "node_modules/@sparticuz/chromium");

// A browser that only loads the page under test, and contacts nobody else.
const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Start the browser with a temporary profile. */
export function startBrowser(...flags: string[]): Promise<Browser> {
  return chromium.launch({ args: [...FLAGS, ...flags], ...findBrowser(process.env, `${process.platform}-${process.arch}`) });
}

/** Return the launch options that select a browser; on Linux, unpack the package's browser if there is no other. */
export function findBrowser(env: NodeJS.ProcessEnv, system: string): LaunchOptions {
  const names = (env.PATH ?? "").split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const executablePath = env.CHROMIUM || [...names, MAC].find(isExecutable);
  if (executablePath) {
    if (!isExecutable(executablePath)) throw new Error(`CHROMIUM=${executablePath} is not an executable file`);
    // Chromium does not start as root with its sandbox, as in a container.
    return { executablePath, chromiumSandbox: process.getuid?.() !== 0 };
  }
  if (system === "linux-x64") return packagedBrowser(env);
  throw new Error(
    `no browser found: install Google Chrome or Chromium, or set CHROMIUM to the path of one` +
      ` (the browser that npm installs runs only on linux-x64, and this is ${system})`,
  );
}

function packagedBrowser(env: NodeJS.ProcessEnv): LaunchOptions {
  // Inside the package, so that npm removes it together with that version of the package.
  const folder = createFolder(join(PACKAGE, "unpacked"), unpack);
  return {
    executablePath: join(folder, "chromium"),
    chromiumSandbox: false, // its helper is not in the package
    // Libraries and fonts that a machine without a desktop lacks.
    env: { ...env, LD_LIBRARY_PATH: join(folder, "al2023/lib"), XDG_DATA_HOME: folder },
  };
}

/** Unpack the browser and, as the package does on AWS Lambda only, its libraries. */
function unpack(folder: string): void {
  const script = `import chromium from "@sparticuz/chromium"; await chromium.executablePath();`;
  const env = { ...process.env, TMPDIR: folder, AWS_EXECUTION_ENV: "AWS_Lambda_nodejs20.x" };
  execFileSync(process.execPath, ["--input-type=module", "--eval", script], { cwd: FRONTEND, env });
}

/** Create `folder` with what `fill` writes, unless it exists. Concurrent processes share the first result. */
export function createFolder(folder: string, fill: (unfinished: string) => void): string {
  if (existsSync(folder)) return folder;
  const unfinished = mkdtempSync(`${folder}-`);
  try {
    fill(unfinished);
    renameSync(unfinished, folder);
  } catch (error) {
    rmSync(unfinished, { recursive: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile(); // a folder can be "executable" too
  } catch {
    return false;
  }
}
