/** The browser that is installed on this machine. */
import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium, type Browser } from "playwright-core";

// Chrome first: of the two on GitHub's machines it is the one that AppArmor lets have its sandbox.
const NAMES = ["google-chrome", "chromium", "chromium-browser"];
const FLAGS = [
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Start the browser with an empty profile of its own, which is removed at its end. */
export function startBrowser(): Promise<Browser> {
  // Chromium's sandbox refuses to run as root, as in a container.
  return chromium.launch({ executablePath: executable(), args: FLAGS, chromiumSandbox: process.getuid?.() !== 0 });
}

function executable(): string {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const paths = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const found = (process.env.CHROMIUM ? [process.env.CHROMIUM] : paths).find(isExecutable);
  if (found) return found;
  const where = process.env.CHROMIUM ? `CHROMIUM=${process.env.CHROMIUM} is no program` : `there is no ${NAMES.join(", ")}`;
  throw new Error(`${where}; install the package chromium (Debian: apt-get install chromium), or set CHROMIUM to a browser`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
