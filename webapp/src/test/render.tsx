/** Draws a screen as the app would, against a server that answers from a table. */

import { Client, type FeedState, type RoomReader, type Schema } from "@iqx/contract";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createMemoryRouter, type RouteObject, RouterProvider } from "react-router";

import { Providers } from "@/app/providers";
import { makeQueryClient } from "@/api/queries";
import type { FeedLike } from "@/api/services";
import { noteSession } from "@/api/storage";
import { loadTexts } from "@/i18n";

/** What a call is answered with: a body, or a status and a problem. */
type Fixed = Record<string, unknown> | null;
type Reply = Fixed | ((body: unknown) => Fixed);

export interface Asked {
  call: string;
  body: unknown;
  headers: Headers;
}

export const ME: Schema<"User"> = {
  id: "0190a000-0000-7000-8000-000000000001",
  username: "alice",
  email: "alice@example.com",
  email_verified: true,
  phone: "+84901234567",
  phone_verified: true,
  language: "en",
  role: "user",
  kyc_level: 1,
  verified: false,
  second_factor: true,
  money_locked_until: null,
  created_at: "2026-01-01T00:00:00Z",
};

/** A refusal, for a table of answers. */
export function problem(status: number, code: string, more: object = {}) {
  return { "%status": status, type: "about:blank", status, code, title: code, ...more };
}

/** A server that answers `"GET /api/v1/me"` from a table; what it was asked is in `asked`. */
export function makeServer(replies: Record<string, Reply>) {
  const asked: Asked[] = [];
  const answer = (input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(input instanceof Request ? input.url : input, "http://here.invalid");
    const call = `${init.method ?? "GET"} ${url.pathname}`;
    const body: unknown = typeof init.body === "string" ? JSON.parse(init.body) : undefined;
    asked.push({ call, body, headers: new Headers(init.headers) });
    const found = replies[`${call}${url.search}`] ?? replies[call];
    const reply = typeof found === "function" ? found(body) : found;
    if (reply === undefined) return Promise.resolve(respond(problem(404, "not_found")));
    return Promise.resolve(respond(reply));
  };
  return { asked, fetch: answer, replies };
}

function respond(reply: Fixed): Response {
  if (reply === null) return new Response(null, { status: 204 });
  const status = Number(reply["%status"] ?? 200);
  const type = status < 400 ? "application/json" : "application/problem+json";
  return new Response(JSON.stringify(reply), { status, headers: { "Content-Type": type } });
}

/** A feed whose rooms are in the state that a test says. */
export class FakeFeed implements FeedLike {
  readonly readers = new Map<string, RoomReader>();
  restarts = 0;
  constructor(public state: FeedState = "live") {}
  read(name: string, reader: RoomReader): () => void {
    this.readers.set(name, reader);
    reader.onState?.(this.state);
    return () => this.readers.delete(name);
  }
  onState(): () => void {
    return () => undefined;
  }
  start(): void {
    // Nothing connects here.
  }
  restart(): void {
    this.restarts += 1;
  }
  close(): void {
    // Nothing is connected here.
  }
  renew(): Promise<boolean> {
    return Promise.resolve(true);
  }
}

interface World {
  replies?: Record<string, Reply>;
  /** Signed in as `ME`. */
  signedIn?: boolean;
  feed?: FakeFeed;
  at?: string;
  /** Features whose texts the screen needs. */
  texts?: readonly string[];
}

/** Draw routes at an address. */
export async function draw(routes: RouteObject[], world: World = {}) {
  const { signedIn = false, feed = new FakeFeed(), at = "/", texts = [] } = world;
  const session = { access_token: "access", refresh_token: null, expires_in: 900 };
  const server = makeServer({
    "POST /api/v1/auth/refresh": signedIn ? session : problem(401, "refresh_refused"),
    ...(signedIn ? { "GET /api/v1/me": ME } : {}),
    ...world.replies,
  });
  if (signedIn) noteSession();
  await Promise.all(texts.map((feature) => loadTexts(feature)));
  const client = new Client({ baseUrl: "", fetch: server.fetch, tries: 1 });
  const router = createMemoryRouter(routes, { initialEntries: [at] });
  const queries = makeQueryClient();
  const drawn = render(
    <Providers services={{ client, feed }} queries={queries}>
      <RouterProvider router={router} />
    </Providers>,
  );
  return { ...drawn, user: userEvent.setup(), server, client, feed, router, queries };
}
