/** A thin client: types from the document, tokens, keys, deadlines, and tries that cannot double. */

import type { Answer, CallOptions, Inputs, PathOf, Verb } from "./calls";
import type { components } from "./generated";
import { Problem, readProblem } from "./problem";
import { type RefreshStore, Session, type TokenReply } from "./session";

type Schemas = components["schemas"];

export interface ClientConfig {
  /** Where the server is: "https://desk.example". Empty for the page's own origin. */
  baseUrl: string;
  /** Where to keep the refresh token; left out in a browser, whose cookie keeps it. */
  store?: RefreshStore;
  /** Milliseconds for one try; 10,000 by default. */
  timeoutMs?: number;
  /** Tries of a call that may be repeated; 3 by default. */
  tries?: number;
  fetch?: typeof fetch;
  /** Waits before another try; a test gives its own. */
  sleep?: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** The language for sentences of the server, as in `Accept-Language`. */
  language?: () => string;
}

interface Sent extends CallOptions {
  path?: Readonly<Record<string, string | number>>;
  query?: Readonly<Record<string, string | number | boolean>>;
  body?: unknown;
  file?: Blob;
}

interface Made {
  url: string;
  init: RequestInit;
  /** Repeating it has no second effect. */
  repeatable: boolean;
  authed: boolean;
}

/** Waits longer than this are told instead of waited for. */
const WAIT_MAX_MS = 5_000;
const UNKEYED = /^\/api\/(v1\/)?(auth\/|quote$)/;
/** Unkeyed calls that may be repeated: a quote has no effect, and a refresh token that was just used
 * is taken again for ten seconds, which is what a lost answer needs. */
const HARMLESS = /^\/api\/(v1\/)?(auth\/refresh|quote)$/;
/** Calls by which a session begins or goes on; they carry no access token. */
const OPENING =
  /^\/api\/(v1\/)?auth\/(login|register|refresh|logout|forgot-password|reset-password|recovery)/;

/** A new name for a command: 128 random bits. */
export function newKey(): string {
  return crypto.randomUUID();
}

export class Client {
  readonly session: Session;
  private readonly timeoutMs: number;
  private readonly tries: number;
  private readonly fetch: typeof fetch;
  private readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  private skewMs: number | null = null;
  private skewRoundTripMs = Infinity;

  constructor(private readonly config: ClientConfig) {
    this.timeoutMs = config.timeoutMs ?? 10_000;
    this.tries = config.tries ?? 3;
    this.fetch = config.fetch ?? ((...given) => globalThis.fetch(...given));
    this.sleep = config.sleep ?? sleep;
    this.session = new Session((token) => this.askRefresh(token), config.store ?? null);
  }

  get<P extends PathOf<"get">>(path: P, ...[input]: Inputs<P, "get">): Promise<Answer<P, "get">> {
    return this.call("get", path, input as Sent) as Promise<Answer<P, "get">>;
  }

  post<P extends PathOf<"post">>(
    path: P,
    ...[input]: Inputs<P, "post">
  ): Promise<Answer<P, "post">> {
    return this.call("post", path, input as Sent) as Promise<Answer<P, "post">>;
  }

  put<P extends PathOf<"put">>(path: P, ...[input]: Inputs<P, "put">): Promise<Answer<P, "put">> {
    return this.call("put", path, input as Sent) as Promise<Answer<P, "put">>;
  }

  patch<P extends PathOf<"patch">>(
    path: P,
    ...[input]: Inputs<P, "patch">
  ): Promise<Answer<P, "patch">> {
    return this.call("patch", path, input as Sent) as Promise<Answer<P, "patch">>;
  }

  delete<P extends PathOf<"delete">>(
    path: P,
    ...[input]: Inputs<P, "delete">
  ): Promise<Answer<P, "delete">> {
    return this.call("delete", path, input as Sent) as Promise<Answer<P, "delete">>;
  }

  /** Sign in with a password; answers a session, or the token of a waiting second factor. */
  async signIn(body: Schemas["SignIn"]): Promise<Answer<"/api/v1/auth/login", "post">> {
    const given = this.session.byCookie ? { ...body, session: "cookie" as const } : body;
    const reply = await this.post("/api/v1/auth/login", { body: given });
    if ("access_token" in reply) await this.session.start(reply);
    return reply;
  }

  /** End the session here and on the server; here also when the server cannot be reached. */
  async signOut(): Promise<void> {
    const token = (await this.config.store?.read()) ?? null;
    try {
      await this.call("post", "/api/v1/auth/logout", {
        body: token === null ? {} : { refresh_token: token },
      });
    } finally {
      await this.session.end();
    }
  }

  /** Milliseconds since the epoch by the server's clock, as near as its answers tell. */
  serverNowMs(): number {
    return Date.now() + (this.skewMs ?? 0);
  }

  private async call(verb: Verb, path: string, sent: Sent = {}): Promise<unknown> {
    const made = this.make(verb, path, sent);
    for (let tried = 1; ; tried += 1) {
      try {
        return await this.ask(made, sent);
      } catch (thrown) {
        if (!(thrown instanceof Problem)) throw thrown;
        const waitMs = this.waitBefore(thrown, tried, made.repeatable);
        if (waitMs === null) throw thrown;
        await this.sleep(waitMs, sent.signal);
      }
    }
  }

  /** How long to wait before the next try; `null` when there is none. */
  private waitBefore(problem: Problem, tried: number, repeatable: boolean): number | null {
    if (tried >= this.tries || !problem.isPassing) return null;
    // Too many calls had no effect, whatever they were.
    if (!repeatable && problem.status !== 429) return null;
    if (problem.retryAfterS !== undefined) {
      const asked = problem.retryAfterS * 1000;
      return asked <= WAIT_MAX_MS ? asked : null;
    }
    return Math.random() * 250 * 2 ** tried;
  }

  private make(verb: Verb, path: string, sent: Sent): Made {
    const headers = new Headers({ Accept: "application/json" });
    const language = this.config.language?.();
    if (language !== undefined) headers.set("Accept-Language", language);
    const opening = OPENING.test(path);
    if (opening && this.session.byCookie) headers.set("IQX-Session", "cookie");
    const keyed = verb !== "get" && !UNKEYED.test(path);
    if (keyed) headers.set("Idempotency-Key", sent.key ?? newKey());
    if (sent.stepUp !== undefined) headers.set("Step-Up", sent.stepUp);
    const init: RequestInit = { method: verb.toUpperCase(), headers };
    if (sent.file !== undefined) {
      headers.set("Content-Type", sent.file.type);
      init.body = sent.file;
    } else if (sent.body !== undefined) {
      headers.set("Content-Type", "application/json");
      init.body = JSON.stringify(sent.body);
    }
    const url =
      this.config.baseUrl + fillPath(path, sent.path ?? {}) + writeQuery(sent.query ?? {});
    const repeatable = verb === "get" || keyed || HARMLESS.test(path);
    return { url, init, repeatable, authed: !opening };
  }

  private async ask(made: Made, sent: Sent): Promise<unknown> {
    const token = made.authed ? await this.session.access() : null;
    const response = await this.send(made, token, sent);
    if (response.status === 401 && token !== null) {
      const problem = await readProblem(response);
      const newer = problem.code === "unauthenticated" ? await this.session.renew(token) : null;
      if (newer === null) throw problem;
      return readAnswer(await this.send(made, newer, sent));
    }
    return readAnswer(response);
  }

  private async send(made: Made, token: string | null, sent: Sent): Promise<Response> {
    const headers = new Headers(made.init.headers);
    if (token !== null) headers.set("Authorization", `Bearer ${token}`);
    const timeout = AbortSignal.timeout(sent.timeoutMs ?? this.timeoutMs);
    const signal = sent.signal === undefined ? timeout : AbortSignal.any([sent.signal, timeout]);
    const begunMs = performance.now();
    try {
      const response = await this.fetch(made.url, { ...made.init, headers, signal });
      this.learnTime(response.headers.get("Date"), performance.now() - begunMs);
      return response;
    } catch (thrown) {
      if (sent.signal?.aborted === true) throw thrown;
      const code = timeout.aborted ? "timeout" : "network";
      const title = timeout.aborted ? "The server did not answer in time." : "No connection.";
      throw new Problem({ status: 0, code, title });
    }
  }

  /** The server tells whole seconds: half a second on average past what it writes. */
  private learnTime(date: string | null, roundTripMs: number): void {
    if (date === null || roundTripMs > this.skewRoundTripMs) return;
    const toldMs = Date.parse(date);
    if (Number.isNaN(toldMs)) return;
    this.skewRoundTripMs = roundTripMs;
    this.skewMs = toldMs + 500 + roundTripMs / 2 - Date.now();
  }

  private async askRefresh(token: string | null): Promise<TokenReply> {
    const body = token === null ? {} : { refresh_token: token };
    return (await this.call("post", "/api/v1/auth/refresh", { body })) as TokenReply;
  }
}

async function readAnswer(response: Response): Promise<unknown> {
  if (!response.ok) throw await readProblem(response);
  if (response.status === 204) return undefined;
  const type = response.headers.get("Content-Type") ?? "";
  if (!type.startsWith("application/json")) return response.blob();
  try {
    return await response.json();
  } catch {
    throw new Problem({ status: 0, code: "unreadable", title: "The answer broke off." });
  }
}

function fillPath(path: string, values: Readonly<Record<string, string | number>>): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name];
    if (value === undefined || value === "") throw new TypeError(`${path} needs ${name}`);
    return encodeURIComponent(String(value));
  });
}

function writeQuery(query: Readonly<Record<string, string | number | boolean>>): string {
  const written = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    written.append(name, String(value));
  }
  const text = written.toString();
  return text === "" ? "" : `?${text}`;
}

function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason instanceof Error ? signal.reason : new Error("stopped"));
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
