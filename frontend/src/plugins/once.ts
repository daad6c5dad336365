/** Return `create` so that it runs once; it may `forget` what came of it, and then runs once more. */
export function once<T>(create: (forget: () => void) => T): () => T {
  let created: { value: T } | undefined;
  const forget = () => (created = undefined);
  return () => (created ??= { value: create(forget) }).value;
}
