import { readFileSync } from "node:fs";

import { expect, test } from "vitest";

const css = readFileSync("src/ui/tokens.css", "utf8");

function readBlock(selector: string): Record<string, string> {
  const body = css.slice(css.indexOf(selector)).split("{")[1]?.split("}")[0] ?? "";
  return Object.fromEntries(
    [...body.matchAll(/--([\w-]+):\s*(#[0-9a-f]{6})/g)].map(([, name, value]) => [name, value]),
  ) as Record<string, string>;
}

const light = readBlock(":root {");
const byDevice = readBlock(':root:not([data-theme="light"]) {');
const dark = readBlock(':root[data-theme="dark"] {');

function luminance(hex: string): number {
  const parts = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255);
  const [r, g, b] = parts.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  ) as [number, number, number];
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (high + 0.05) / (low + 0.05);
}

test("dark is the same by choice and by the device", () => {
  expect(Object.keys(dark).length).toBeGreaterThan(12);
  expect(byDevice).toEqual(dark);
  expect(Object.keys(light)).toEqual(Object.keys(dark));
});

const TEXT = ["ink", "ink-muted", "accent", "buy", "sell", "warn", "danger"];
const ON = ["accent", "buy", "sell", "danger"];

test.each([
  ["light", light],
  ["dark", dark],
])("every text of the %s theme can be read on every ground", (_, theme) => {
  const pairs = TEXT.flatMap((text) => [
    [text, "surface"],
    [text, "surface-raised"],
  ]);
  pairs.push(...ON.map((ground) => [`on-${ground}`, ground]));
  for (const [text, ground] of pairs as [string, string][]) {
    const found = contrast(theme[text]!, theme[ground]!);
    expect(found, `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5);
  }
  for (const edge of ["line-strong", "focus"]) {
    expect(contrast(theme[edge]!, theme.surface!), edge).toBeGreaterThanOrEqual(3);
    expect(contrast(theme[edge]!, theme["surface-raised"]!), edge).toBeGreaterThanOrEqual(3);
  }
});
