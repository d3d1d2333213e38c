/**
 * The service worker. It keeps the shell, so that the app opens without a connection, and files
 * whose names change with their content. It never answers for the service: no call to /api and no
 * socket passes through it, so that nothing old can stand beside a money button.
 */

interface LifeEvent extends Event {
  waitUntil(done: Promise<unknown>): void;
}
interface AskEvent extends LifeEvent {
  readonly request: Request;
  respondWith(answer: Promise<Response>): void;
}
interface Worker {
  addEventListener(type: "install" | "activate", listen: (event: LifeEvent) => void): void;
  addEventListener(type: "fetch", listen: (event: AskEvent) => void): void;
  addEventListener(type: "message", listen: (event: MessageEvent<unknown>) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
  location: Location;
}

const worker = self as unknown as Worker;
const shell = "__SHELL__" as unknown as readonly string[];
const kept = `shell ${shell.join(" ")}`;
const FILES = "files";
const ANSWER_MS = 4_000;
const FILES_MAX = 200;

worker.addEventListener("install", (event) => {
  event.waitUntil(caches.open(kept).then((cache) => cache.addAll([...shell])));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(forgetOld().then(() => worker.clients.claim()));
});

worker.addEventListener("message", (event) => {
  if (event.data === "take_over") void worker.skipWaiting();
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== worker.location.origin) return;
  if (request.mode === "navigate" && !/^\/(api|socket\.io)(\/|$)/.test(url.pathname)) {
    event.respondWith(openPage(request));
  } else if (url.pathname.startsWith("/assets/")) {
    event.respondWith(openFile(request));
  }
});

async function forgetOld(): Promise<void> {
  const names = await caches.keys();
  const old = names.filter((name) => name !== kept && name !== FILES);
  await Promise.all(old.map((name) => caches.delete(name)));
}

/** The page from the server; the kept one when it does not answer. */
async function openPage(request: Request): Promise<Response> {
  try {
    return await fetch(request, { signal: AbortSignal.timeout(ANSWER_MS) });
  } catch {
    const page = await caches.match("/", { cacheName: kept });
    return page ?? Response.error();
  }
}

/** A file whose name tells its content: what is kept is right for ever. */
async function openFile(request: Request): Promise<Response> {
  const known = await caches.match(request);
  if (known !== undefined) return known;
  const answer = await fetch(request);
  if (answer.ok) {
    const cache = await caches.open(FILES);
    await cache.put(request, answer.clone());
    const names = await cache.keys();
    await Promise.all(names.slice(0, -FILES_MAX).map((name) => cache.delete(name)));
  }
  return answer;
}
