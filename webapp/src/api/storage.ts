/** What the browser keeps between visits: tastes, the mark of a known device, and a hint that
 * somebody is signed in. No token that opens anything, no name, no amount. */

const DEVICE = "iqx.device";
const SIGNED_IN = "iqx.signed-in";
/** What stays when a person signs out: it says nothing about who was here. */
const STAYS = new Set(["iqx.theme", "iqx.language", DEVICE]);

/** What a person likes, on this device: nothing that tells who he is. */
export type Taste = "theme" | "language";

export function readTaste(taste: Taste): string | null {
  return localStorage.getItem(`iqx.${taste}`);
}

export function keepTaste(taste: Taste, value: string): void {
  localStorage.setItem(`iqx.${taste}`, value);
}

/** The mark by which the server knows this device; worth nothing without password and factor. */
export function readDeviceToken(): string | null {
  return localStorage.getItem(DEVICE);
}

export function keepDeviceToken(token: string | null): void {
  if (token !== null) localStorage.setItem(DEVICE, token);
}

/** Whether it is worth asking for the session of an earlier visit. */
export function hasSession(): boolean {
  return localStorage.getItem(SIGNED_IN) !== null;
}

export function noteSession(): void {
  localStorage.setItem(SIGNED_IN, "yes");
}

/** Forget everything of the person who was signed in; with `device`, the known device as well. */
export function clearStorage(options: { device?: boolean } = {}): void {
  for (const name of Object.keys(localStorage)) {
    if (!STAYS.has(name) || (options.device === true && name === DEVICE)) {
      localStorage.removeItem(name);
    }
  }
  sessionStorage.clear();
}

const NEW_DEVICE = "iqx.new-device";

/** Remember, until this tab is closed, that the device is new to the account. */
export function noteNewDevice(): void {
  sessionStorage.setItem(NEW_DEVICE, "yes");
}

export function isNewDevice(): boolean {
  return sessionStorage.getItem(NEW_DEVICE) !== null;
}

export function dropNewDevice(): void {
  sessionStorage.removeItem(NEW_DEVICE);
}
