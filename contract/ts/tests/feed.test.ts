import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { Feed, type FeedEvent, type FeedSocket, type FeedState } from "../src";

/** A server with numbered rooms, whose line may lose, double and cut what it sends. */
class Line implements FeedSocket {
  connected = false;
  active = true;
  readonly asked: { message: string; asked: Record<string, unknown> }[] = [];
  readonly rooms = new Map<string, number>();
  readonly members = new Set<string>();
  /** Numbers below this are not kept any more. */
  kept = 1;
  refused = new Map<string, string>();
  silent = false;
  private readonly listeners = new Map<string, ((...given: unknown[]) => void)[]>();
  private any: (event: string, ...given: unknown[]) => void = () => undefined;

  constructor(private readonly auth: (give: (auth: object) => void) => void) {}

  on(event: string, listener: (...given: never[]) => void): void {
    const known = this.listeners.get(event) ?? [];
    this.listeners.set(event, [...known, listener as (...given: unknown[]) => void]);
  }

  onAny(listener: (event: string, ...given: unknown[]) => void): void {
    this.any = listener;
  }

  connect(): void {
    this.auth(() => {
      this.connected = true;
      this.tell("connect");
    });
  }

  disconnect(): void {
    this.drop("io client disconnect");
  }

  drop(reason: string): void {
    if (!this.connected) return;
    this.connected = false;
    this.members.clear();
    this.tell("disconnect", reason);
  }

  private tell(event: string, ...given: unknown[]): void {
    for (const listener of this.listeners.get(event) ?? []) listener(...given);
  }

  /** Something happened in a room; `lost` keeps the line from saying so. */
  happen(room: string, lost = false): void {
    const seq = (this.rooms.get(room) ?? 0) + 1;
    this.rooms.set(room, seq);
    const heard = this.members.has(room) || (room.startsWith("market:") && this.members.has("market_updates"));
    if (this.connected && heard && !lost) this.send(room, seq);
  }

  send(room: string, seq: number | null, event = "trade_updated"): void {
    this.any(event, { room, seq, event, data: { id: `${room} ${String(seq)}` } });
  }

  async emitWithAck(message: string, given: unknown): Promise<unknown> {
    const asked = given as Record<string, unknown>;
    this.asked.push({ message, asked });
    await Promise.resolve();
    if (this.silent) return new Promise(() => undefined);
    if (message !== "subscribe") return { status: "ok" };
    const room = asked.room as string;
    const code = this.refused.get(room);
    if (code !== undefined) return { status: "refused", code };
    this.members.add(room);
    if (room === "market_updates") {
      const seqs = [...this.rooms].filter(([name]) => name.startsWith("market:"));
      return { status: "ok", seq: Object.fromEntries(seqs.map(([name, seq]) => [name.slice(7), seq])) };
    }
    const seq = this.rooms.get(room) ?? 0;
    const after = asked.after as number | undefined;
    if (after === undefined) return { status: "ok", seq };
    if (after + 1 < this.kept || after > seq) return { status: "reset", seq };
    for (let missed = after + 1; missed <= seq; missed += 1) this.send(room, missed);
    return { status: "ok", seq };
  }
}

const ROOM = "trade:1";

function open(options: { load?: () => Promise<void> } = {}) {
  let line: Line | undefined;
  const feed = new Feed({
    baseUrl: "",
    token: () => Promise.resolve("a1"),
    connect: (_, auth) => (line = new Line(auth)),
    retryMs: 10,
    answerMs: 50,
  });
  const seen: number[] = [];
  const states: FeedState[] = [];
  const refusals: string[] = [];
  const load = vi.fn(options.load ?? (() => Promise.resolve()));
  const reader = {
    onEvent: (event: FeedEvent) => void seen.push(event.seq ?? -1),
    load,
    onState: (state: FeedState) => void states.push(state),
    onRefused: (code: string) => void refusals.push(code),
  };
  return { feed, line: line as unknown as Line, seen, states, refusals, load, reader };
}

const settle = () => vi.advanceTimersByTimeAsync(200);

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a room", () => {
  it("is live only after it was entered and loaded", async () => {
    let loaded: () => void = () => undefined;
    const { feed, line, states, reader } = open({
      load: () => new Promise((resolve) => (loaded = resolve)),
    });
    feed.read(ROOM, reader);
    expect(feed.state).toBe("offline");
    feed.start();
    await settle();
    expect(states).toEqual(["catching_up"]);
    expect(line.asked[0]).toEqual({ message: "subscribe", asked: { room: ROOM } });
    loaded();
    await settle();
    expect(feed.state).toBe("live");
  });

  it("applies each event once, whatever comes twice or late", async () => {
    const { feed, line, seen, reader } = open();
    feed.read(ROOM, reader);
    feed.start();
    await settle();
    line.happen(ROOM);
    line.send(ROOM, 1);
    line.happen(ROOM);
    line.send(ROOM, 1);
    line.send(ROOM, 2);
    expect(seen).toEqual([1, 2]);
  });

  it("heals a gap by asking for what is missing, and is not live meanwhile", async () => {
    const { feed, line, seen, states, load, reader } = open();
    feed.read(ROOM, reader);
    feed.start();
    await settle();
    line.happen(ROOM);
    line.happen(ROOM, true);
    line.happen(ROOM);
    expect(feed.state).toBe("catching_up");
    await settle();
    expect(seen).toEqual([1, 2, 3]);
    expect(line.asked.at(-1)?.asked).toEqual({ room: ROOM, after: 1 });
    expect(load).toHaveBeenCalledTimes(1);
    expect(states).toEqual(["catching_up", "live", "catching_up", "live"]);
  });

  it("notices a gap that came while it loaded", async () => {
    let loaded: () => void = () => undefined;
    const { feed, line, seen, reader } = open({
      load: () => new Promise((resolve) => (loaded = resolve)),
    });
    feed.read(ROOM, reader);
    feed.start();
    await settle();
    line.happen(ROOM, true);
    line.happen(ROOM);
    loaded();
    await settle();
    expect(seen).toEqual([1, 2]);
    expect(feed.state).toBe("live");
  });

  it("goes on after a cut line from its last number", async () => {
    const { feed, line, seen, states, reader } = open();
    feed.read(ROOM, reader);
    feed.start();
    await settle();
    line.happen(ROOM);
    line.drop("transport close");
    expect(states.at(-1)).toBe("offline");
    line.happen(ROOM);
    line.connect();
    await settle();
    expect(seen).toEqual([1, 2]);
    expect(feed.state).toBe("live");
  });

  it("loads anew when what it missed is not kept any more", async () => {
    const { feed, line, seen, load, reader } = open();
    feed.read(ROOM, reader);
    feed.start();
    await settle();
    line.drop("transport close");
    for (let count = 0; count < 5; count += 1) line.happen(ROOM);
    line.kept = 4;
    line.connect();
    await settle();
    expect(load).toHaveBeenCalledTimes(2);
    line.happen(ROOM);
    expect(seen).toEqual([6]);
  });

  it("tries again when loading failed, and stays locked until it worked", async () => {
    let fails = 2;
    const { feed, states, reader } = open({
      load: () => (fails-- > 0 ? Promise.reject(new Error("503")) : Promise.resolve()),
    });
    feed.read(ROOM, reader);
    feed.start();
    await vi.advanceTimersByTimeAsync(5);
    expect(states).toEqual(["catching_up"]);
    await settle();
    expect(states).toEqual(["catching_up", "live"]);
  });

  it("asks again when the server does not answer", async () => {
    const { feed, line, reader } = open();
    line.silent = true;
    feed.read(ROOM, reader);
    feed.start();
    await vi.advanceTimersByTimeAsync(55);
    expect(feed.state).toBe("catching_up");
    line.silent = false;
    await settle();
    expect(feed.state).toBe("live");
  });

  it("that is not open to the reader says so and asks no more", async () => {
    const { feed, line, refusals, reader } = open();
    line.refused.set(ROOM, "not_found");
    feed.read(ROOM, reader);
    feed.start();
    await settle();
    expect(refusals).toEqual(["not_found"]);
    expect(line.asked).toHaveLength(1);
  });

  it("is shared by its readers and left by the last", async () => {
    const first = open();
    const second: number[] = [];
    const leaveFirst = first.feed.read(ROOM, first.reader);
    first.feed.start();
    await settle();
    const leaveSecond = first.feed.read(ROOM, {
      onEvent: (event) => void second.push(event.seq ?? -1),
      load: () => Promise.resolve(),
    });
    await settle();
    first.line.happen(ROOM);
    expect([first.seen, second]).toEqual([[1], [1]]);
    leaveFirst();
    leaveSecond();
    await settle();
    expect(first.line.asked.at(-1)).toEqual({ message: "unsubscribe", asked: { room: ROOM } });
    expect(first.feed.state).toBe("live");
  });

  it("passes on what has no number", async () => {
    const { feed, line, seen, reader } = open();
    feed.read(ROOM, reader);
    feed.start();
    await settle();
    line.send(ROOM, null, "typing");
    expect(seen).toEqual([-1]);
  });
});

describe("all markets together", () => {
  it("keep a number for each market", async () => {
    const { feed, line, seen, reader } = open();
    line.happen("market:USDT-VND");
    line.happen("market:USDT-NGN");
    feed.read("market_updates", reader);
    feed.start();
    await settle();
    line.happen("market:USDT-VND");
    line.happen("market:USDT-NGN");
    line.happen("market:USDT-VND");
    expect(seen).toEqual([2, 2, 3]);
    line.drop("transport close");
    line.connect();
    await settle();
    expect(line.asked.at(-1)?.asked).toEqual({
      room: "market_updates",
      after: { "USDT-NGN": 2, "USDT-VND": 3 },
    });
  });
});

it("comes back when the server ended the connection", async () => {
  const { feed, line, reader } = open();
  feed.read(ROOM, reader);
  feed.start();
  await settle();
  line.drop("io server disconnect");
  await settle();
  expect(feed.state).toBe("live");
  feed.close();
  await settle();
  expect(line.connected).toBe(false);
});

it("ignores what is no event", async () => {
  const { feed, line, seen, reader } = open();
  feed.read(ROOM, reader);
  feed.start();
  await settle();
  const say = (line as unknown as { any: (name: string, given: unknown) => void }).any;
  for (const junk of [null, 1, "x", {}, { room: ROOM, seq: "1", event: "x", data: {} }]) say("x", junk);
  expect(seen).toEqual([]);
});

it("ends with every event applied once after 2,000 random cuts, losses and doubles", async () => {
  const { feed, line, seen, load, reader } = open();
  // A generator of our own, so that a failure comes back.
  let state = 20_261_121;
  const chance = () => (state = (state * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  feed.read(ROOM, reader);
  feed.start();
  await settle();
  for (let step = 0; step < 2_000; step += 1) {
    const drawn = chance();
    if (drawn < 0.55) line.happen(ROOM, chance() < 0.2);
    else if (drawn < 0.7) line.send(ROOM, Math.ceil(chance() * (line.rooms.get(ROOM) ?? 1)));
    else if (drawn < 0.8) line.drop("transport close");
    else if (drawn < 0.95) line.connect();
    else await vi.advanceTimersByTimeAsync(chance() * 30);
  }
  line.connect();
  await settle();
  line.happen(ROOM);
  await settle();
  const last = line.rooms.get(ROOM) ?? 0;
  expect(feed.state).toBe("live");
  expect(seen).toEqual(Array.from({ length: last }, (_, place) => place + 1));
  expect(load).toHaveBeenCalledTimes(1);
});
