#!/usr/bin/env node
// Usage: complete-clients.mjs FOLDER...
// Adds to each generated client what openapi-generator does not write: the types that
// normalise-openapi.mjs refers to, and constructors that take plain parameters.
import { appendFileSync, readFileSync } from "node:fs";
import { join } from "node:path";

const DECLARED = { JsonNull: "null", JsonTrue: "true", JsonFalse: "false" };

const IMPORTS = `import type { AxiosInstance } from 'axios';
import * as api from './api';
import { Configuration, type ConfigurationParameters } from './configuration';
`;

const withPlainParameters = (name) => `
/** The operations. The constructor takes plain parameters: { basePath: "http://host:port" }. */
export class ${name} extends api.${name} {
    constructor(parameters?: ConfigurationParameters, basePath?: string, axios?: AxiosInstance) {
        super(new Configuration(parameters), basePath, axios);
    }
}
`;

for (const folder of process.argv.slice(2)) {
  const api = readFileSync(join(folder, "api.ts"), "utf8");
  const declarations = Object.entries(DECLARED)
    .filter(([name]) => new RegExp(`\\b${name}\\b`).test(api))
    .map(([name, type]) => `\n/** The value \`${type}\`. */\nexport type ${name} = ${type};\n`);
  appendFileSync(join(folder, "api.ts"), declarations.join(""));
  const names = [...api.matchAll(/^export class ([\p{L}\p{N}_$]+) extends BaseAPI\b/gmu)].map((m) => m[1]);
  if (names.length) {
    appendFileSync(join(folder, "index.ts"), IMPORTS + names.map(withPlainParameters).join(""));
  }
}
