/** Types of what the tests use of schema-types.mjs. */
export class TypeWriter {
  constructor(document: object, reserved: string[]);
  typeOf(schema: unknown, location: string, indent?: string): string;
  parameterType(schema: unknown, location: string, indent?: string): string;
  formType(schema: unknown, location: string, indent?: string): string;
  declarations(): { source: string; locations: Record<string, string> };
}
