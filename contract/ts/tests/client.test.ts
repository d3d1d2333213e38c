import { describe, expect, it, vi } from "vitest";

import { Client, isProblem, Problem } from "../src";

type Step = Response | Error | ((request: Request) => Promise<Response> | Response);

function json(body: unknown, status = 200, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { "Content-Type": "application/json", ...headers },
  });
}

function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return json({ type: "about:blank", status, code, title: code, request_id: "r1" }, status, headers);
}

/** A client whose server answers by a script, and what it asked. */
function scripted(steps: Step[], keeps: "store" | "cookie" = "store") {
  const asked: Request[] = [];
  let kept: string | null = null;
  const waits: number[] = [];
  const client = new Client({
    baseUrl: "http://desk.test",
    ...(keeps === "cookie"
      ? {}
      : {
          store: {
            read: () => Promise.resolve(kept),
            write: (token) => {
              kept = token;
              return Promise.resolve();
            },
          },
        }),
    fetch: async (url, init) => {
      const request = new Request(url, init);
      asked.push(request.clone());
      const step = steps.shift();
      if (step === undefined) throw new Error(`not expected: ${request.method} ${request.url}`);
      if (step instanceof Error) throw step;
      return step instanceof Response ? step : step(request);
    },
    sleep: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  });
  return { client, asked, waits, kept: () => kept };
}

const TOKENS = { access_token: "a1", refresh_token: "r2", expires_in: 900 };

describe("keys", () => {
  it("is made once and kept over every try of a command", async () => {
    const { client, asked } = scripted([
      new TypeError("cut"),
      problem(503, "database_busy"),
      json({ id: "x" }, 201),
    ]);
    await client.post("/api/v1/me/blocks", { body: { username: "mallory" } });
    const sent = asked.map((request) => request.headers.get("Idempotency-Key"));
    expect(sent).toHaveLength(3);
    expect(new Set(sent).size).toBe(1);
    expect(sent[0]).toMatch(/^[!-~]{16,255}$/);
  });

  it("takes the caller's, so that a reload goes on with the same command", async () => {
    const { client, asked } = scripted([json({}, 201)]);
    await client.post("/api/v1/me/blocks", { body: { username: "mallory" }, key: "mine" });
    expect(asked[0]?.headers.get("Idempotency-Key")).toBe("mine");
  });

  it("is not sent where calls take none", async () => {
    const { client, asked } = scripted([json(TOKENS), json({ trades: [] })]);
    await client.signIn({ identity: "a@b.c", password: "p" });
    await client.post("/api/v1/quote", {
      body: { market: "USDT-VND", side: "buy", amount: "1" } as never,
    });
    expect(asked.map((request) => request.headers.has("Idempotency-Key"))).toEqual([false, false]);
  });
});

describe("tries", () => {
  it("repeats a reading after a lost line, and tells after the last", async () => {
    const { client, asked } = scripted(Array.from({ length: 3 }, () => new TypeError("cut")));
    const thrown: unknown = await client.get("/api/v1/markets").catch((e: unknown) => e);
    expect(isProblem(thrown, "network")).toBe(true);
    expect((thrown as Problem).isUnknown).toBe(true);
    expect(asked).toHaveLength(3);
  });

  it("never repeats a sign-in that may have worked", async () => {
    const { client, asked } = scripted([new TypeError("cut")]);
    await expect(client.signIn({ identity: "a@b.c", password: "p" })).rejects.toThrow("network");
    expect(asked).toHaveLength(1);
  });

  it("waits as long as the server asks, when that is short", async () => {
    const { client, waits } = scripted([
      problem(429, "rate_limited", { "Retry-After": "2" }),
      json({ items: [], next_cursor: null }),
    ]);
    await client.get("/api/v1/markets");
    expect(waits).toEqual([2000]);
  });

  it("tells of a long wait instead of hanging", async () => {
    const { client, asked } = scripted([problem(429, "rate_limited", { "Retry-After": "600" })]);
    const thrown = await client.get("/api/v1/markets").catch((e: unknown) => e as Problem);
    expect((thrown as Problem).retryAfterS).toBe(600);
    expect(asked).toHaveLength(1);
  });

  it("does not repeat a refusal", async () => {
    const { client, asked } = scripted([problem(409, "order_changed")]);
    await expect(
      client.post("/api/v1/orders/{id}/pause", { path: { id: "1" } }),
    ).rejects.toThrow("order_changed");
    expect(asked).toHaveLength(1);
  });
});

describe("tokens", () => {
  it("are renewed once for many callers", async () => {
    const { client, asked, kept } = scripted([
      json(TOKENS),
      problem(401, "unauthenticated"),
      problem(401, "unauthenticated"),
      problem(401, "unauthenticated"),
      json({ access_token: "a2", refresh_token: "r3", expires_in: 900 }),
      json({}),
      json({}),
      json({}),
    ]);
    await client.signIn({ identity: "a@b.c", password: "p" });
    await Promise.all([client.get("/api/v1/me"), client.get("/api/v1/me"), client.get("/api/v1/me")]);
    const refreshes = asked.filter((request) => request.url.endsWith("/auth/refresh"));
    expect(refreshes).toHaveLength(1);
    expect(await refreshes[0]?.json()).toEqual({ refresh_token: "r2" });
    expect(asked.slice(-3).map((request) => request.headers.get("Authorization"))).toEqual(
      Array(3).fill("Bearer a2"),
    );
    expect(kept()).toBe("r3");
  });

  it("end the session when the server refuses to renew them", async () => {
    const { client, kept } = scripted([
      json(TOKENS),
      problem(401, "unauthenticated"),
      problem(401, "refresh_refused"),
    ]);
    await client.signIn({ identity: "a@b.c", password: "p" });
    const told = vi.fn();
    client.session.onChange(told);
    await expect(client.get("/api/v1/me")).rejects.toThrow("unauthenticated");
    expect(told).toHaveBeenCalledWith(false);
    expect(client.session.signedIn).toBe(false);
    expect(kept()).toBeNull();
  });

  it("stay when the line was lost while renewing", async () => {
    const { client, kept } = scripted([
      json(TOKENS),
      problem(401, "unauthenticated"),
      ...Array.from({ length: 9 }, () => new TypeError("cut")),
    ]);
    await client.signIn({ identity: "a@b.c", password: "p" });
    await expect(client.get("/api/v1/me")).rejects.toThrow("network");
    expect(kept()).toBe("r2");
    expect(client.session.signedIn).toBe(true);
  });

  it("of an earlier visit are taken up by the cookie, which scripts never see", async () => {
    const { client, asked } = scripted([json({ ...TOKENS, refresh_token: null }), json({})], "cookie");
    expect(await client.session.resume()).toBe(true);
    await client.get("/api/v1/me");
    expect(asked[0]?.headers.get("IQX-Session")).toBe("cookie");
    expect(await asked[0]?.json()).toEqual({});
    expect(asked[1]?.headers.get("Authorization")).toBe("Bearer a1");
  });

  it("of a session that ended meanwhile are thrown away", async () => {
    let answer: (response: Response) => void = () => undefined;
    const { client, asked } = scripted([
      json(TOKENS),
      () => new Promise<Response>((resolve) => (answer = resolve)),
    ]);
    await client.signIn({ identity: "a@b.c", password: "p" });
    const renewing = client.session.renew("a1");
    await vi.waitFor(() => expect(asked).toHaveLength(2));
    await client.session.end();
    answer(json({ access_token: "a2", refresh_token: "r3", expires_in: 900 }));
    expect(await renewing).toBeNull();
    expect(client.session.signedIn).toBe(false);
  });
});

describe("answers", () => {
  it("that are problems keep code, fields, params and the request's name", async () => {
    const body = {
      type: "about:blank", status: 422, code: "invalid", title: "Check the fields.",
      request_id: "r9", errors: { amount: ["Too small."], pricing: { price: ["No."] } },
      params: { least: "10" },
    };
    const { client } = scripted([json(body, 422)]);
    const thrown = (await client.get("/api/v1/markets").catch((e: unknown) => e)) as Problem;
    expect(thrown).toBeInstanceOf(Problem);
    expect(thrown.errors).toEqual({ amount: ["Too small."], "pricing.price": ["No."] });
    expect(thrown.params).toEqual({ least: "10" });
    expect(thrown.requestId).toBe("r9");
  });

  it("of a proxy that are no problem documents are told as such", async () => {
    const { client } = scripted([new Response("<h1>", { status: 500 })]);
    await expect(client.get("/api/v1/markets")).rejects.toMatchObject({
      code: "unreadable",
      status: 500,
    });
  });

  it("are not waited for after a screen was left", async () => {
    const leave = new AbortController();
    const { client, asked } = scripted([
      (request) =>
        new Promise((_, reject) => {
          request.signal.addEventListener("abort", () => reject(request.signal.reason as Error));
        }),
    ]);
    const reading = client.get("/api/v1/markets", { signal: leave.signal });
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    leave.abort(new DOMException("left", "AbortError"));
    await expect(reading).rejects.toMatchObject({ name: "AbortError" });
  });

  it("that are late are a time-out", async () => {
    const hang: Step = (request) =>
      new Promise((_, reject) => {
        request.signal.addEventListener("abort", () => reject(request.signal.reason as Error));
      });
    const { client } = scripted([hang, hang, hang]);
    await expect(client.get("/api/v1/markets", { timeoutMs: 5 })).rejects.toMatchObject({
      code: "timeout",
    });
  });
});

it("fills paths and queries, and says what is missing", async () => {
  const { client, asked } = scripted([json({}), json({})]);
  await client.get("/api/v1/users/{username}", { path: { username: "a/b?" } });
  await client.get("/api/v1/orders", { query: { market: "USDT-VND", side: "sell" } });
  expect(asked.map((request) => request.url)).toEqual([
    "http://desk.test/api/v1/users/a%2Fb%3F",
    "http://desk.test/api/v1/orders?market=USDT-VND&side=sell",
  ]);
  await expect(client.get("/api/v1/users/{username}", { path: {} } as never)).rejects.toThrow(
    "needs username",
  );
});

it("knows the server's time within a second", async () => {
  const ahead = new Date(Date.now() + 3_600_000).toUTCString();
  const { client } = scripted([json({ items: [] }, 200, { Date: ahead })]);
  await client.get("/api/v1/markets");
  expect(Math.abs(client.serverNowMs() - Date.now() - 3_600_000)).toBeLessThan(1_500);
});
