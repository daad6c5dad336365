/** Types of what the tests use of schema.mjs. */
export function typeName(component: string): string;
export function memberName(name: string): string;
