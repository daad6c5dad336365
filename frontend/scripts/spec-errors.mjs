// Prints errors of specs for prepare-openapi.mjs, asyncapi-types.mjs and check-clients.mjs.
import { relative, resolve } from "node:path";

const REPOSITORY = resolve(import.meta.dirname, "../..");

/** Print an error with its spec and, if the message starts with one, its JSON pointer; exit with 1 at the end. */
export function reportError(spec, { message }) {
  const path = relative(REPOSITORY, resolve(spec));
  console.error(`error: ${path}${message.startsWith("#") ? "" : ":"} ${message}`);
  process.exitCode = 1;
}
