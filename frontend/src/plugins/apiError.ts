import { isAxiosError, isCancel } from "axios";

/** One value that a service refused: where it is, such as `body.qty`, and why. */
export interface RefusedField {
  place: string;
  message: string;
}

/** What the adapters throw when an operation fails, whatever the reason. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  /** The HTTP status; 0 if there was no answer. */
  readonly status: number;
  /** The short name of the kind of problem. */
  readonly title: string;
  /** What is wrong this time, for a person to read. */
  readonly detail: string | undefined;
  /** The values that were refused, if that was the reason. */
  readonly fields: readonly RefusedField[];

  constructor(problem: {
    status: number;
    title: string;
    detail?: string | undefined;
    fields?: readonly RefusedField[];
    cause?: unknown;
  }) {
    super(problem.detail ?? problem.title, { cause: problem.cause });
    this.status = problem.status;
    this.title = problem.title;
    this.detail = problem.detail;
    this.fields = problem.fields ?? [];
  }
}

/**
 * Return the error to throw for what axios threw: an `ApiError` for a failed operation; a cancelled
 * request and a defect of the page stay what they are.
 */
export function toApiError(error: unknown): unknown {
  if (!isAxiosError(error) || isCancel(error)) return error;
  const { response, config } = error;
  if (!response) {
    const detail = `No answer from ${config?.url ?? "the service"}: ${error.message}`;
    return new ApiError({ status: 0, title: "Service unreachable", detail, cause: error });
  }
  const problem: unknown = response.data;
  const title = text(problem, "title") ?? (response.statusText || "Request failed");
  return new ApiError({
    status: response.status,
    title,
    detail: text(problem, "detail"),
    fields: refusedFields(problem),
    cause: error,
  });
}

// Whatever stands between page and service may answer in its own way, so nothing is taken for
// granted about the body of a failed request.

function text(value: unknown, key: string): string | undefined {
  const field = member(value, key);
  return typeof field === "string" ? field : undefined;
}

function refusedFields(problem: unknown): RefusedField[] {
  const errors = member(problem, "errors");
  if (!Array.isArray(errors)) return [];
  return errors.map((error: unknown) => {
    const location = member(error, "location");
    return {
      place: Array.isArray(location) ? location.join(".") : "",
      message: text(error, "message") ?? "",
    };
  });
}

function member(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && key in value
    ? (value as Record<string, unknown>)[key]
    : undefined;
}
