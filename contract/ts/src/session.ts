/** The tokens of one signed-in person: kept, renewed in time, and renewed once for many callers. */

import { Problem } from "./problem";

/** What sign-in, registration and refresh answer. */
export interface TokenReply {
  access_token: string;
  refresh_token: string | null;
  expires_in: number;
}

/** Where an app keeps its refresh token; a browser keeps none, its cookie does. */
export interface RefreshStore {
  read(): Promise<string | null>;
  write(token: string | null): Promise<void>;
}

/** Asks for new tokens: with a refresh token, or with the browser's cookie when it is `null`. */
export type AskRefresh = (refreshToken: string | null) => Promise<TokenReply>;

/** The refusals after which a person has to sign in again. */
const ENDED = new Set(["refresh_refused", "unauthenticated", "cross_site_refused"]);
/** A token is renewed when less than this is left of it. */
const MARGIN_MS = 30_000;

export class Session {
  private token: string | null = null;
  private expiresAtMs = 0;
  private renewing: Promise<string | null> | null = null;
  private generation = 0;
  private readonly listeners = new Set<(signedIn: boolean) => void>();

  /** Without a store the refresh token is the browser's cookie. */
  constructor(
    private readonly ask: AskRefresh,
    private readonly store: RefreshStore | null,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Whether the refresh token is in a cookie. */
  get byCookie(): boolean {
    return this.store === null;
  }

  get signedIn(): boolean {
    return this.token !== null;
  }

  /** Tell of every change between signed in and signed out; returns how to stop. */
  onChange(listener: (signedIn: boolean) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Keep the tokens of a sign-in. */
  async start(reply: TokenReply): Promise<void> {
    this.generation += 1;
    await this.keep(reply);
  }

  /** Forget the tokens: the person signed out, or the server ended the session. */
  async end(): Promise<void> {
    this.generation += 1;
    const was = this.signedIn;
    this.token = null;
    this.expiresAtMs = 0;
    await this.store?.write(null);
    if (was) this.tell(false);
  }

  /** Take up the session of an earlier visit; whether there was one. */
  async resume(): Promise<boolean> {
    return (await this.renew(null)) !== null;
  }

  /** A token that still lives for a while; `null` for nobody. */
  async access(): Promise<string | null> {
    if (this.token === null) return null;
    if (this.nowMs() < this.expiresAtMs - MARGIN_MS) return this.token;
    return this.renew(this.token);
  }

  /**
   * A newer token than `refused`; `null` when the session is over. However many callers ask at
   * once, the server is asked once.
   */
  async renew(refused: string | null): Promise<string | null> {
    if (this.token !== null && this.token !== refused) return this.token;
    this.renewing ??= this.exchange().finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  private async exchange(): Promise<string | null> {
    const generation = this.generation;
    const refreshToken = (await this.store?.read()) ?? null;
    if (this.store !== null && refreshToken === null) return null;
    let reply: TokenReply;
    try {
      reply = await this.ask(refreshToken);
    } catch (thrown) {
      if (!(thrown instanceof Problem) || !ENDED.has(thrown.code)) throw thrown;
      if (generation === this.generation) await this.end();
      return null;
    }
    // Somebody signed in or out meanwhile: what came back belongs to the session before.
    if (generation !== this.generation) return this.token;
    await this.keep(reply);
    return this.token;
  }

  private async keep(reply: TokenReply): Promise<void> {
    const was = this.signedIn;
    await this.store?.write(reply.refresh_token);
    this.token = reply.access_token;
    this.expiresAtMs = this.nowMs() + reply.expires_in * 1000;
    if (!was) this.tell(true);
  }

  private tell(signedIn: boolean): void {
    for (const listener of this.listeners) listener(signedIn);
  }
}
