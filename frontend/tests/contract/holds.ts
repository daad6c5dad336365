/** Assertions about types, which `npm run type-check` makes. */

/** True if the two are one type, not just assignable to each other. */
export type Same<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;

/** Does nothing; `holds<Same<A, B>>()` compiles if that is true. */
export function holds<_ extends true>(): void {}
