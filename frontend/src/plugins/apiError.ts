import type { ProblemField } from "@/clients/trader-client-broker";

export type { ProblemField };

/** Problem details (RFC 9457); `status` is 0 if there was no response. */
export interface ProblemDetails {
  status: number;
  title: string;
  type?: string;
  detail?: string;
  errors?: readonly ProblemField[];
}

/** What identifies a request in the logs of the services; for a subscription, `url` is the name of the stream. */
export interface RequestLabel {
  id?: string | undefined;
  method?: string | undefined;
  url?: string | undefined;
}

// No response, and a gateway's "bad gateway" and "gateway timeout". A 503 comes from the service itself.
const NO_RESPONSE: readonly number[] = [0, 502, 504];

/** A failed operation or subscription, whatever the reason. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;
  readonly title: string;
  /** The kind of problem: a URI that programs compare, such as `urn:problem-type:unknown-symbol`. */
  readonly type: string;
  /** What is wrong this time, as a sentence for the user. */
  readonly detail: string | undefined;
  /** The invalid values of the request. */
  readonly errors: readonly ProblemField[];

  constructor(
    { status, title, type = "about:blank", detail, errors = [] }: ProblemDetails,
    readonly request: RequestLabel = {},
    cause?: unknown,
  ) {
    super(detail || title, { cause });
    this.status = status;
    this.title = title;
    this.type = type;
    this.detail = detail;
    this.errors = errors;
  }

  /** Whether the service has not responded: it may or may not have carried out the request. */
  get unconfirmed(): boolean {
    return NO_RESPONSE.includes(this.status);
  }
}

/** A part of the page, such as a client, could not be loaded: nothing was sent to a service. */
export class ClientNotLoaded extends ApiError {
  constructor(cause: unknown) {
    const detail = "A part of the page could not be loaded; reload the page.";
    super({ status: 0, title: "Client not loaded", detail }, {}, cause);
  }

  override get unconfirmed(): boolean {
    return false;
  }
}

/** Return the members of problem details that `body` has; a gateway may send anything. */
export function problemDetails(body: unknown): Partial<ProblemDetails> {
  const { status, title, type, detail, errors } = Object(body) as Record<string, unknown>;
  return {
    ...(typeof status === "number" && { status }),
    ...(typeof title === "string" && { title }),
    ...(typeof type === "string" && { type }),
    ...(typeof detail === "string" && { detail }),
    ...(Array.isArray(errors) && { errors: errors.filter(isProblemField) }),
  };
}

function isProblemField(value: unknown): value is ProblemField {
  const { code, detail, pointer, parameter } = Object(value) as Record<string, unknown>;
  const locations = [pointer ?? "", parameter ?? ""];
  return [code, detail, ...locations].every((text) => typeof text === "string");
}
