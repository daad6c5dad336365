// Run the TypeScript calls of shapes one after the other, and print what came of each as JSON.
// Usage: node run-calls.mjs CALLS_MODULE ADDRESS <<< '["name of a shape", ...]'
import { text } from "node:stream/consumers";
import { pathToFileURL } from "node:url";

const [file, address] = process.argv.slice(2);
const SECONDS = 60;
const { calls } = await import(pathToFileURL(file).href);

const takeSeen = async () => (await fetch(`${address}/seen`, { method: "POST" })).json();

/** Reject if the call takes too long, so that the others still run. */
function bounded(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no result within ${SECONDS} s`)), SECONDS * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

async function run(name) {
  await takeSeen();
  try {
    const gets = (await bounded(calls[name](`${address}/${name}`))) ?? null;
    return { sees: await takeSeen(), gets };
  } catch (error) {
    return { sees: await takeSeen(), raised: String(error) };
  }
}

const results = {};
for (const name of JSON.parse(await text(process.stdin))) results[name] = await run(name);
process.stdout.write(JSON.stringify(results), () => process.exit(0));
