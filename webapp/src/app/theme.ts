/** Light, dark, or as the device is set. */

import { useSyncExternalStore } from "react";

import { keepTaste, readTaste } from "@/api/storage";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const listeners = new Set<() => void>();

export function readTheme(): Theme {
  const kept = readTaste("theme");
  return THEMES.find((theme) => theme === kept) ?? "system";
}

function wear(theme: Theme): void {
  if (theme === "system") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.dataset.theme = theme;
}

/** Before the first drawing, so that nothing flashes. */
export function startTheme(): void {
  wear(readTheme());
}

export function changeTheme(theme: Theme): void {
  keepTaste("theme", theme);
  wear(theme);
  for (const listener of listeners) listener();
}

export function useTheme(): Theme {
  return useSyncExternalStore((listener) => {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }, readTheme);
}
