/** The service worker: the shell while offline, and the news that a newer version waits. */

import { useSyncExternalStore } from "react";

let waiting: ServiceWorker | null = null;
let asked = false;
const listeners = new Set<() => void>();

function note(worker: ServiceWorker | null): void {
  waiting = worker;
  for (const listener of listeners) listener();
}

/** Begin; a page that is read on a plain address or an old browser does without. */
export async function startUpdates(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const workers = navigator.serviceWorker;
  const registration = await workers.register("/sw.js").catch(() => null);
  if (registration === null) return;
  // Only who asked for the newer version gets the page anew: nothing is torn from under a hand.
  workers.addEventListener("controllerchange", () => {
    if (asked) location.reload();
  });
  if (registration.waiting !== null && workers.controller !== null) note(registration.waiting);
  registration.addEventListener("updatefound", () => {
    const found = registration.installing;
    found?.addEventListener("statechange", () => {
      if (found.state === "installed" && workers.controller !== null) note(found);
    });
  });
}

/** Whether a newer version waits to be used. */
export function useUpdate(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => waiting !== null,
  );
}

/** Use the newer version now; the page loads anew. */
export function takeUpdate(): void {
  asked = true;
  waiting?.postMessage("take_over");
}
