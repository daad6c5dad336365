import { ApiError, type RefusedField } from "@/plugins/apiAdapter";

/** What is wrong with the values of a form: by the name of a field, and everything else. */
export interface FormProblems {
  fields: Readonly<Record<string, string>>;
  others: readonly string[];
}

export const NO_PROBLEMS: FormProblems = { fields: {}, others: [] };

/** How a service names the values of a form, and how the form does. */
export type FieldLabels = Readonly<Record<string, string>>;

/** Return the `ApiError`; anything else is a defect of the page and is thrown. */
export function apiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  throw error;
}

/**
 * Return where each refused value of a request body belongs in a form that names its fields as
 * `labels` do and has those of `shown` on screen now.
 */
export function problemsOf(error: ApiError, labels: FieldLabels, shown: readonly string[] = Object.keys(labels)): FormProblems {
  if (error.fields.length === 0) return placed((error.detail ?? error.title).split("; "), labels, shown);
  const named = error.fields.map(({ place, message }) => {
    const name = place.split(".").at(-1) ?? "";
    return shown.includes(name) ? { name, message: readable(message, labels) } : undefined;
  });
  const rest = error.fields.filter((_, index) => !named[index]).map((field) => sentence(field, labels));
  return collect([...named.filter((one) => one !== undefined), ...located(rest, labels, shown)]);
}

/** Return what is wrong with a value whose field is not on screen, so it has to be named. */
function sentence({ place, message }: RefusedField, labels: FieldLabels): string {
  const name = place.split(".").at(-1) ?? "";
  return Object.hasOwn(labels, name) ? `${labels[name]}: ${message}` : message;
}

/** Return where sentences about values belong, each at the first field on screen that it names. */
export function placed(messages: readonly string[], labels: FieldLabels, shown: readonly string[] = Object.keys(labels)): FormProblems {
  return collect(located(messages, labels, shown));
}

interface Located {
  name: string | undefined;
  message: string;
}

function located(messages: readonly string[], labels: FieldLabels, shown: readonly string[]): Located[] {
  return messages.map((message) => {
    const words = message.match(/\w+/g) ?? [];
    return { name: words.find((word) => shown.includes(word)), message: readable(message, labels) };
  });
}

function collect(problems: readonly Located[]): FormProblems {
  const fields: Record<string, string> = {};
  const others: string[] = [];
  for (const { name, message } of problems) {
    if (name === undefined) others.push(message);
    else fields[name] = fields[name] ? `${fields[name]} ${message}` : message;
  }
  return { fields, others };
}

/** Return a service's sentence with the form's own names in it, as a sentence. */
function readable(message: string, labels: FieldLabels): string {
  const text = message
    .replace(/^Value error, /, "")
    .replace(/\w+/g, (word) => (Object.hasOwn(labels, word) ? (labels[word] as string).toLowerCase() : word));
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  return /[.!?]$/.test(sentence) ? sentence : `${sentence}.`;
}
