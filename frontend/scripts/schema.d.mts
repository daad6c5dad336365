/** Of schema.mjs, what the tests use. */
export function typeName(component: string): string;
