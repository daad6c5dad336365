import { ApiError, type ProblemField } from "@/plugins/apiAdapter";

/** The problems of a form: by the name of a field, and those of no field on screen. */
export interface FormProblems {
  fields: Readonly<Record<string, string>>;
  others: readonly string[];
}

export const NO_PROBLEMS: FormProblems = { fields: {}, others: [] };

/** The labels of the fields of a form, by their names in the API. */
export type FieldLabels = Readonly<Record<string, string>>;

/** The page's own words for validation errors, by code; another code is shown with the service's `detail`. The limits are those of every form. */
const MESSAGES: Readonly<Record<string, string>> = {
  missing: "Enter a value.",
  greater_than: "Enter a number greater than 0.",
  less_than_equal: "Enter a number up to 1,000,000,000.",
  finite_number: "Enter a number, such as 10 or 460.25.",
};

/** The page's own words for a field alone: the smallest quantity is too small to be worth naming. */
const FIELD_MESSAGES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  qty: { greater_than_equal: "Enter a number greater than 0." },
};

/** What to do about the other bounds, by code. The limit depends on the field, and stands in the service's `detail`. */
const INSTRUCTIONS: Readonly<Record<string, string>> = {
  greater_than_equal: "Enter a larger number.",
  less_than: "Enter a smaller number.",
  multiple_of: "Enter a number in the steps of this field.",
  string_too_short: "Enter a longer text.",
  string_too_long: "Enter a shorter text.",
  too_short: "Enter more values.",
  too_long: "Enter fewer values.",
};

/** Return an `ApiError`; rethrow anything else, which is a bug of the page. */
export function apiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  throw error;
}

/** Return the problems of a form that was rejected with `error`; `shown` are the fields on screen. */
export function problemsOf(error: ApiError, labels: FieldLabels, shown: readonly string[]): FormProblems {
  return error.errors.length ? placeProblems(error.errors, labels, shown) : { fields: {}, others: [error.message] };
}

/** Return each problem at its field, or with the field's label if the field is not on screen. */
export function placeProblems(problems: readonly ProblemField[], labels: FieldLabels, shown: readonly string[]): FormProblems {
  const fields: Record<string, string> = {};
  const others: string[] = [];
  for (const { parameter, pointer, code, detail } of problems) {
    const name = parameter ?? pointer?.split("/")[1] ?? "";
    const instruction = INSTRUCTIONS[code];
    const message = FIELD_MESSAGES[name]?.[code] ?? MESSAGES[code] ?? (instruction ? `${instruction} ${detail}` : detail);
    if (shown.includes(name)) fields[name] = fields[name] ? `${fields[name]} ${message}` : message;
    else others.push(Object.hasOwn(labels, name) ? `${labels[name]}: ${message}` : message);
  }
  return { fields, others };
}
