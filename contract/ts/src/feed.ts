/**
 * The live feed: rooms whose events are applied once, in order and without a gap.
 *
 * A room is `live` when everything up to now has been applied; `catching_up` while something is
 * missing and on its way; `offline` without a connection. What stands beside a money button may be
 * trusted only while its room is `live`.
 */

import { io, type Socket } from "socket.io-client";

import type { FeedEvent } from "./events";

export type FeedState = "live" | "catching_up" | "offline";

/** What a reader of a room is told. */
export interface RoomReader {
  /** The next event; each once, in order. Unnumbered ones (`typing`, `book_updated`) as they come. */
  onEvent(event: FeedEvent): void;
  /** Load what the room shows anew; the room is live when this is done. Called on entering too. */
  load(): Promise<void>;
  onState?(state: FeedState): void;
  /** The room is not open to this reader (any more): the code of the refusal. */
  onRefused?(code: string): void;
}

export interface FeedConfig {
  /** Where the server is; empty for the page's own origin. */
  baseUrl: string;
  /** An access token that still lives; `null` for a visitor. */
  token: () => Promise<string | null>;
  /** Makes the connection; a test gives its own. */
  connect?: (baseUrl: string, auth: (give: (auth: object) => void) => void) => FeedSocket;
  /** Milliseconds to wait for the answer to a subscription; 10,000 by default. */
  answerMs?: number;
  /** Milliseconds before a load or subscription that failed is tried again; 1,000 by default. */
  retryMs?: number;
}

/** What the feed needs of a Socket.IO client. */
export interface FeedSocket {
  readonly connected: boolean;
  /** Whether it connects or will come back by itself. */
  readonly active: boolean;
  on(event: string, listener: (...given: never[]) => void): unknown;
  onAny(listener: (event: string, ...given: unknown[]) => void): unknown;
  emitWithAck(event: string, ...given: unknown[]): Promise<unknown>;
  connect(): unknown;
  disconnect(): unknown;
}

type Seqs = number | Readonly<Record<string, number>>;

interface Answer {
  status: "ok" | "reset" | "refused";
  seq?: Seqs;
  code?: string;
}

const OVERVIEW = "market_updates";
const MARKET = "market:";

/** One room: the last number applied, and who listens. */
class Room {
  readonly readers = new Set<RoomReader>();
  state: FeedState = "offline";
  /** The last number by room; `market_updates` carries the numbers of all markets. */
  readonly last = new Map<string, number>();
  entered = false;
  /** A number was jumped over while the room caught up: it has to be asked for again. */
  missed = false;
  /** Grows with each attempt to enter, so that an overtaken one stops. */
  attempt = 0;
  timer: ReturnType<typeof setTimeout> | undefined;

  constructor(readonly name: string) {}

  become(state: FeedState): void {
    if (this.state === state) return;
    this.state = state;
    for (const reader of this.readers) reader.onState?.(state);
  }

  holds(event: FeedEvent): boolean {
    if (this.name !== OVERVIEW) return event.room === this.name;
    return event.room.startsWith(MARKET);
  }

  /** Numbers for `after`, as the server takes them. */
  after(): Seqs | undefined {
    if (!this.entered) return undefined;
    if (this.name !== OVERVIEW) return this.last.get(this.name) ?? 0;
    return Object.fromEntries(
      Array.from(this.last, ([name, seq]) => [name.slice(MARKET.length), seq]),
    );
  }

  keep(seq: Seqs): void {
    if (typeof seq === "number") {
      this.last.set(this.name, seq);
      return;
    }
    for (const [market, number] of Object.entries(seq)) this.last.set(MARKET + market, number);
  }
}

export class Feed {
  private readonly rooms = new Map<string, Room>();
  private readonly socket: FeedSocket;
  private readonly answerMs: number;
  private readonly retryMs: number;
  private readonly listeners = new Set<(state: FeedState) => void>();
  private told: FeedState = "offline";
  private closed = false;
  private returning: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly config: FeedConfig) {
    this.answerMs = config.answerMs ?? 10_000;
    this.retryMs = config.retryMs ?? 1_000;
    this.socket = (config.connect ?? connect)(config.baseUrl, (give) => {
      void this.giveToken(give);
    });
    this.socket.on("connect", () => this.onConnect());
    this.socket.on("disconnect", (reason: string) => this.onDisconnect(reason));
    this.socket.on("connect_error", () => this.onConnectError());
    this.socket.onAny((_, given) => this.onMessage(given));
  }

  /** The worst state of all rooms that somebody reads. */
  get state(): FeedState {
    if (!this.socket.connected) return "offline";
    for (const room of this.rooms.values()) if (room.state !== "live") return "catching_up";
    return "live";
  }

  /** Tell of every change of `state`; returns how to stop. */
  onState(listener: (state: FeedState) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** Connect as whoever is signed in now; rooms that were read stay read. */
  start(): void {
    this.closed = false;
    this.socket.connect();
  }

  /** Read a room; returns how to stop. Several readers of one room share it. */
  read(name: string, reader: RoomReader): () => void {
    let room = this.rooms.get(name);
    if (room === undefined) {
      room = new Room(name);
      this.rooms.set(name, room);
    }
    const joined = room;
    joined.readers.add(reader);
    // A reader that joins later has loaded nothing yet: the room enters anew for all of them.
    joined.entered = false;
    this.enter(joined);
    return () => {
      joined.readers.delete(reader);
      if (joined.readers.size > 0 || this.rooms.get(name) !== joined) return;
      this.rooms.delete(name);
      joined.attempt += 1;
      clearTimeout(joined.timer);
      if (this.socket.connected) void this.ask("unsubscribe", { room: name }).catch(() => null);
      this.tell();
    };
  }

  /** Give a newer access token to the open connection, so that it lives on. */
  async renew(token: string): Promise<boolean> {
    if (!this.socket.connected) return false;
    const answer = await this.ask("renew", { token });
    return answer.status === "ok";
  }

  /** Begin anew with another person's token, or with none. */
  restart(): void {
    for (const room of this.rooms.values()) this.leave(room, true);
    this.socket.disconnect();
    this.start();
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.returning);
    for (const room of this.rooms.values()) this.leave(room, true);
    this.socket.disconnect();
  }

  private async giveToken(give: (auth: object) => void): Promise<void> {
    try {
      const token = await this.config.token();
      give(token === null ? {} : { token });
    } catch {
      // No token can be had now, as when the network is away: come as a visitor, be told so.
      give({});
    }
  }

  private onConnect(): void {
    for (const room of this.rooms.values()) this.enter(room);
    this.tell();
  }

  private onDisconnect(reason: string): void {
    for (const room of this.rooms.values()) this.leave(room, false);
    this.tell();
    // The client comes back by itself, except when the server ended the connection.
    if (reason === "io server disconnect") this.comeBack();
  }

  private onConnectError(): void {
    // Lost lines are tried again by the client; a refusal, as of an old token, is not.
    if (!this.socket.active) this.comeBack();
  }

  private comeBack(): void {
    clearTimeout(this.returning);
    this.returning = setTimeout(() => {
      if (!this.closed) this.socket.connect();
    }, this.retryMs);
  }

  private leave(room: Room, forget: boolean): void {
    room.attempt += 1;
    clearTimeout(room.timer);
    if (forget) {
      room.entered = false;
      room.last.clear();
    }
    room.become("offline");
  }

  /** Enter a room, or ask for what is missing of it. */
  private enter(room: Room): void {
    if (!this.socket.connected) return;
    room.attempt += 1;
    room.missed = false;
    clearTimeout(room.timer);
    room.become("catching_up");
    this.tell();
    void this.catchUp(room, room.attempt);
  }

  private async catchUp(room: Room, attempt: number): Promise<void> {
    const after = room.after();
    try {
      const asked = after === undefined ? { room: room.name } : { room: room.name, after };
      const answer = await this.ask("subscribe", asked);
      if (attempt !== room.attempt) return;
      if (answer.status === "refused") {
        this.refuse(room, answer.code ?? "fault");
        return;
      }
      if (after === undefined || answer.status === "reset") {
        // Events above these numbers are applied from here on, also while the load is running.
        room.keep(answer.seq ?? 0);
        room.entered = true;
        await Promise.all(Array.from(room.readers, (reader) => reader.load()));
        if (attempt !== room.attempt) return;
      }
      if (room.missed) {
        this.enter(room);
        return;
      }
      room.become("live");
      this.tell();
    } catch {
      if (attempt !== room.attempt) return;
      room.entered = room.entered && after !== undefined;
      room.timer = setTimeout(() => this.enter(room), this.retryMs);
    }
  }

  private refuse(room: Room, code: string): void {
    if (code === "too_far_behind" || code === "fault") {
      room.timer = setTimeout(() => this.enter(room), this.retryMs);
      return;
    }
    room.become("offline");
    for (const reader of room.readers) reader.onRefused?.(code);
    this.tell();
  }

  private async ask(message: string, asked: object): Promise<Answer> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error("no answer")), this.answerMs);
    });
    try {
      return (await Promise.race([this.socket.emitWithAck(message, asked), late])) as Answer;
    } finally {
      clearTimeout(timer);
    }
  }

  private onMessage(given: unknown): void {
    for (const event of Array.isArray(given) ? given : [given]) {
      if (!isEvent(event)) continue;
      for (const room of this.rooms.values()) if (room.holds(event)) this.apply(room, event);
    }
  }

  private apply(room: Room, event: FeedEvent): void {
    if (!room.entered) return;
    if (event.seq !== null) {
      const last = room.last.get(event.room) ?? 0;
      if (event.seq <= last) return;
      if (event.seq !== last + 1) {
        room.missed = true;
        if (room.state === "live") this.enter(room);
        return;
      }
      room.last.set(event.room, event.seq);
    }
    for (const reader of room.readers) reader.onEvent(event);
  }

  private tell(): void {
    const state = this.state;
    if (state === this.told) return;
    this.told = state;
    for (const listener of this.listeners) listener(state);
  }
}

function isEvent(given: unknown): given is FeedEvent {
  if (typeof given !== "object" || given === null) return false;
  const event = given as Record<string, unknown>;
  return (
    typeof event.room === "string" &&
    typeof event.event === "string" &&
    (event.seq === null || Number.isSafeInteger(event.seq)) &&
    "data" in event
  );
}

function connect(baseUrl: string, auth: (give: (auth: object) => void) => void): FeedSocket {
  const options = { transports: ["websocket"], autoConnect: false, auth };
  const socket: Socket = baseUrl === "" ? io(options) : io(baseUrl, options);
  return socket;
}
