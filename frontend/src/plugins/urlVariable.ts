/** Return the environment variable with the address of a module, whose name becomes upper snake case: `ORDER_BOOK_URL`. */
export function urlVariable(module: string): `${string}_URL` {
  return `${module.replace(/[^\p{L}\p{N}]+/gu, "_").toUpperCase()}_URL`;
}
