/** The server's clock: every countdown is by its time, never by the device's. */

import { useSyncExternalStore } from "react";

import { useClient } from "./services";

/** One ticker for everything that shows time passing. */
class Ticker {
  private readonly listeners = new Set<() => void>();
  private timer: ReturnType<typeof setInterval> | undefined;
  beat = 0;

  readonly listen = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    this.timer ??= setInterval(() => this.tick(), 1_000);
    return () => {
      this.listeners.delete(listener);
      if (this.listeners.size > 0) return;
      clearInterval(this.timer);
      this.timer = undefined;
    };
  };

  private tick(): void {
    this.beat += 1;
    for (const listener of this.listeners) listener();
  }
}

const ticker = new Ticker();

/** Milliseconds since the epoch by the server's clock; the component is drawn again each step. */
export function useNow(stepS = 1): number {
  const client = useClient();
  useSyncExternalStore(ticker.listen, () => Math.floor(ticker.beat / stepS));
  return client.serverNowMs();
}
