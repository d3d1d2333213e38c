/** What a call can end with instead of an answer. Programs decide by `code`, people read `title`. */

export interface ProblemBody {
  status: number;
  code: string;
  title: string;
  detail?: string;
  errors?: Record<string, unknown>;
  params?: Record<string, unknown>;
  request_id?: string;
}

/** A refusal of the server (RFC 9457), or `network`, `timeout` and `unreadable` with status 0. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly title: string;
  readonly detail: string | undefined;
  /** Sentences by field; the field of a nested object is `outer.inner`. */
  readonly errors: Readonly<Record<string, readonly string[]>>;
  readonly params: Readonly<Record<string, unknown>>;
  /** Names the request in the server's log. */
  readonly requestId: string | undefined;
  /** Seconds to wait before the next try, where the server says so. */
  readonly retryAfterS: number | undefined;

  constructor(body: ProblemBody, retryAfterS?: number) {
    super(`${body.code}: ${body.title}`);
    this.name = "Problem";
    this.status = body.status;
    this.code = body.code;
    this.title = body.title;
    this.detail = body.detail;
    this.errors = flattenErrors(body.errors ?? {});
    this.params = body.params ?? {};
    this.requestId = body.request_id;
    this.retryAfterS = retryAfterS;
  }

  /** Whether the answer never came, so that nobody knows yet what happened. */
  get isUnknown(): boolean {
    return this.status === 0 || this.code === "outcome_unknown";
  }

  /** Whether the same call with the same key may succeed later without a change. */
  get isPassing(): boolean {
    return this.isUnknown || this.status === 429 || (this.status >= 502 && this.status <= 504);
  }
}

/** Whether something thrown is a problem with this code. */
export function isProblem(thrown: unknown, code?: string): thrown is Problem {
  return thrown instanceof Problem && (code === undefined || thrown.code === code);
}

/** Read an answer that is not 2xx; a body that is no problem document is `unreadable`. */
export async function readProblem(response: Response): Promise<Problem> {
  const retryAfterS = readRetryAfter(response.headers.get("Retry-After"));
  try {
    const body: unknown = await response.json();
    if (isProblemBody(body)) return new Problem(body, retryAfterS);
  } catch {
    // Below: what is no JSON is no problem document.
  }
  return new Problem(
    {
      status: response.status,
      code: "unreadable",
      title: "The server's answer could not be read.",
    },
    retryAfterS,
  );
}

function isProblemBody(body: unknown): body is ProblemBody {
  if (typeof body !== "object" || body === null) return false;
  const fields = body as Record<string, unknown>;
  return (
    typeof fields.code === "string" &&
    typeof fields.title === "string" &&
    typeof fields.status === "number"
  );
}

function readRetryAfter(header: string | null): number | undefined {
  if (header === null || !/^\d{1,6}$/.test(header)) return undefined;
  return Number(header);
}

function flattenErrors(errors: Record<string, unknown>): Record<string, string[]> {
  return Object.fromEntries(listErrors(errors, ""));
}

function listErrors(errors: object, prefix: string): [string, string[]][] {
  return Object.entries(errors).flatMap(([field, told]: [string, unknown]) => {
    const name = prefix + field;
    if (Array.isArray(told)) return [[name, told.map(String)]];
    if (typeof told === "object" && told !== null) return listErrors(told, `${name}.`);
    return [[name, [String(told)]]];
  });
}
