/** Rooms of the live feed: what an event makes old is fetched again, gaps heal by themselves. */

import { type FeedEvent, type FeedState, keysOf, type QueryKey } from "@iqx/contract";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState, useSyncExternalStore } from "react";

import { isPassing } from "./queries";
import { useServices } from "./services";

const OWN = ["me", "wallet", "transactions", "orders", "order", "trades", "trade", "disputes"];
const OWN_TOO = ["dispute", "claims", "claim", "notifications"];
/** A busy market makes its answers old at most this often. */
const MARKET_MS = 1_000;
const OWN_MS = 100;

/** The answers that a room keeps current. */
export function keysOfRoom(room: string): QueryKey[] {
  if (room === "market_updates") return [["markets"]];
  const at = room.indexOf(":");
  const [kind, name] = [room.slice(0, at), room.slice(at + 1)];
  if (kind === "market") return [["markets", name]];
  if (kind === "trade") return [["trade", name], ["trades"]];
  if (kind === "user") return [...OWN, ...OWN_TOO].map((key) => [key]);
  return [];
}

/** Fetch again what a room shows; throws while that fails for a reason that passes. */
async function reload(queries: QueryClient, room: string): Promise<void> {
  const found = keysOfRoom(room);
  await Promise.all(found.map((queryKey) => queries.invalidateQueries({ queryKey })));
  for (const queryKey of found) {
    const shown = queries.getQueryCache().findAll({ queryKey, type: "active" });
    const failed = shown.find((query) => isPassing(query.state.error));
    if (failed?.state.error) throw failed.state.error;
  }
}

/** Collects keys for a moment, so that many events cost one fetch. */
export class Sweeper {
  private readonly waiting = new Map<string, QueryKey>();
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    private readonly sweep: (queryKey: QueryKey) => void,
    private readonly waitMs: number,
  ) {}

  touch(made: readonly QueryKey[]): void {
    for (const queryKey of made) this.waiting.set(JSON.stringify(queryKey), queryKey);
    if (this.waiting.size > 0) this.timer ??= setTimeout(() => this.flush(), this.waitMs);
  }

  stop(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.waiting.clear();
  }

  private flush(): void {
    const swept = [...this.waiting.values()];
    this.stop();
    for (const queryKey of swept) this.sweep(queryKey);
  }
}

export interface RoomView {
  state: FeedState;
  /** Everything that the room told has been applied: only now may money buttons be pressed. */
  live: boolean;
  /** The code of the refusal, where the room is not open to this reader. */
  refused: string | null;
}

/**
 * Read a room while the component is shown. `onEvent` may patch what it knows how to patch and
 * answer true; everything else makes the answers of `keysOf` old. `null` reads nothing.
 */
export function useFeed(
  room: string | null,
  onEvent?: (event: FeedEvent) => boolean | undefined,
): RoomView {
  const { feed } = useServices();
  const queries = useQueryClient();
  const [view, setView] = useState<Omit<RoomView, "live">>({ state: "offline", refused: null });
  const heard = useRef(onEvent);
  useEffect(() => {
    heard.current = onEvent;
  });
  useEffect(() => {
    if (room === null) return;
    const slow = room.startsWith("market");
    const sweeper = new Sweeper(
      (queryKey) => void queries.invalidateQueries({ queryKey }),
      slow ? MARKET_MS : OWN_MS,
    );
    const stop = feed.read(room, {
      load: () => reload(queries, room),
      onEvent: (event) => {
        if (heard.current?.(event) !== true) sweeper.touch(keysOf(event));
      },
      onState: (state) => setView({ state, refused: null }),
      onRefused: (refused) => setView({ state: "offline", refused }),
    });
    return () => {
      stop();
      sweeper.stop();
      setView({ state: "offline", refused: null });
    };
  }, [feed, queries, room]);
  return { ...view, live: view.state === "live" };
}

/** The state of the connection as a whole, for the indicator of the shell. */
export function useConnection(): FeedState {
  const { feed } = useServices();
  return useSyncExternalStore(
    (listener) => feed.onState(listener),
    () => feed.state,
  );
}
