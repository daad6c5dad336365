import { randomId } from "@/plugins/apiAdapter";

/** Return the function that gives requests their keys: one like the last gets its key again, any other a new one. */
export function useIdempotencyKey(): (request: string) => string {
  let last: { request: string; key: string } | undefined;
  return (request) => {
    last = last?.request === request ? last : { request, key: randomId() };
    return last.key;
  };
}
