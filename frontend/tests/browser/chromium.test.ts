import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, it } from "vitest";
import { createFolder, findBrowser } from "./chromium";

const root = mkdtempSync(join(tmpdir(), "browsers-"));
const SYSTEM = `${process.platform}-${process.arch}`;
const INSTALLED = { PATH: `${root}/nothing:${root}/bin` };

mkdirSync(`${root}/bin`);
mkdirSync(`${root}/sources/chromium`, { recursive: true });
for (const name of ["chromium", "mine"]) writeFileSync(`${root}/bin/${name}`, "", { mode: 0o755 });
afterAll(() => rmSync(root, { recursive: true }));

it("prefers CHROMIUM to an installed browser", () => {
  const env = { ...INSTALLED, CHROMIUM: `${root}/bin/mine` };
  expect(findBrowser(env, "linux-x64").executablePath).toBe(`${root}/bin/mine`);
});

it("prefers an installed browser to the one of the package", () => {
  expect(findBrowser(INSTALLED, "linux-x64").executablePath).toBe(`${root}/bin/chromium`);
});

it("skips a folder with the name of a browser", () => {
  const env = { PATH: `${root}/sources:${root}/bin` };
  expect(findBrowser(env, "linux-x64").executablePath).toBe(`${root}/bin/chromium`);
});

it.each(["gone", "bin"])("rejects a CHROMIUM that is not an executable file: %s", (name) => {
  const env = { CHROMIUM: `${root}/${name}` };
  expect(() => findBrowser(env, "linux-x64")).toThrow(`CHROMIUM=${root}/${name} is not an executable file`);
});

it.runIf(SYSTEM === "linux-x64")("unpacks the browser of the package with its libraries and fonts", () => {
  const { executablePath = "", env } = findBrowser({ PATH: root, LANG: "C" }, "linux-x64");
  expect(existsSync(executablePath)).toBe(true);
  expect(env).toMatchObject({ PATH: root, LANG: "C" });
  const libraries = readdirSync(String(env?.LD_LIBRARY_PATH));
  expect(libraries).toEqual(expect.arrayContaining(["libnss3.so", "libnspr4.so", "libexpat.so.1"]));
  expect(existsSync(join(String(env?.XDG_DATA_HOME), "fonts"))).toBe(true);
});

it.each(["darwin-arm64", "linux-arm64", "win32-x64"])("says what to do on %s without a browser", (system) => {
  expect(() => findBrowser({ PATH: root }, system)).toThrow(
    "no browser found: install Google Chrome or Chromium, or set CHROMIUM to the path of one" +
      ` (the browser that npm installs runs only on linux-x64, and this is ${system})`,
  );
});

it("keeps the folder of the process that created it first", () => {
  const folder = join(root, "shared");
  const fill = (content: string) => (unfinished: string) => writeFileSync(join(unfinished, "file"), content);
  createFolder(folder, (unfinished) => {
    createFolder(folder, fill("first"));
    fill("second")(unfinished);
  });
  expect(readFileSync(join(folder, "file"), "utf8")).toBe("first");
  expect(readdirSync(root).sort()).toEqual(["bin", "shared", "sources"]);
});

it("leaves nothing of a folder that could not be filled", () => {
  const fill = () => {
    throw new Error("disk full");
  };
  expect(() => createFolder(join(root, "failed"), fill)).toThrow("disk full");
  expect(readdirSync(root).filter((name) => name.startsWith("failed"))).toEqual([]);
});
