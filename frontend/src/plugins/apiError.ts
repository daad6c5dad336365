/** One value that a service refused: where it is, such as `body.qty`, and why. */
export interface RefusedField {
  place: string;
  message: string;
}

/** What an `ApiError` is made of. */
export interface ApiProblem {
  status: number;
  title: string;
  detail?: string | undefined;
  fields?: readonly RefusedField[];
  requestId?: string | undefined;
  method?: string | undefined;
  url?: string | undefined;
  cause?: unknown;
}

/** What the adapters tell when an operation or a subscription fails, whatever the reason. */
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
  /** The `X-Request-ID` that was sent, to find the request in the logs of the services. */
  readonly requestId: string | undefined;
  /** The HTTP method in upper case; undefined for a stream. */
  readonly method: string | undefined;
  /** Where the request went; the name of the stream for a subscription. */
  readonly url: string | undefined;

  constructor(problem: ApiProblem) {
    super(problem.detail ?? problem.title, { cause: problem.cause });
    this.status = problem.status;
    this.title = problem.title;
    this.detail = problem.detail;
    this.fields = problem.fields ?? [];
    this.requestId = problem.requestId;
    this.method = problem.method;
    this.url = problem.url;
  }
}

/** A part of the page, the client of a service, could not be loaded: of the service this tells nothing. */
export class ClientNotLoaded extends ApiError {
  constructor(cause: unknown) {
    const detail = "A part of the page could not be loaded; reload the page.";
    super({ status: 0, title: "Client not loaded", detail, cause });
  }
}

/**
 * Return the error that the body of a failed request or of a stream's `error` tells. Whatever stands
 * between page and service may answer in its own way, so nothing is taken for granted about `body`:
 * what it does not say comes from `known`.
 */
export function errorOf(body: unknown, known: ApiProblem): ApiError {
  return new ApiError({
    ...known,
    title: text(body, "title") ?? known.title,
    detail: text(body, "detail") ?? known.detail,
    fields: refusedFields(body),
  });
}

/** Return the member of an object that may be anything; undefined if there is none. */
export function member(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null && key in value
    ? (value as Record<string, unknown>)[key]
    : undefined;
}

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
