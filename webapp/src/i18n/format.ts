/** Numbers, money and times in the reader's way. Money stays an integer until Intl writes its digits. */

import { formatAmount, formatFiat, formatUsdt, readDecimal, USDT_DECIMALS } from "@iqx/contract";
import { useMemo } from "react";

import { useLocale } from "./index";

const digitsOf = new Map<string, number>();

/** Minor digits of a currency of ISO 4217 as Intl knows them; a market's own figure goes before. */
export function minorDigits(currency: string): number {
  const known = digitsOf.get(currency);
  if (known !== undefined) return known;
  const format = new Intl.NumberFormat("en", { style: "currency", currency });
  const digits = format.resolvedOptions().maximumFractionDigits ?? 2;
  digitsOf.set(currency, digits);
  return digits;
}

/** Digits after the point of a plain decimal. */
function placesOf(text: string): number {
  return text.split(".")[1]?.length ?? 0;
}

/** USDT of a plain decimal of the wire, or of micro-units. */
export function writeUsdt(amount: string | bigint, locale: string): string {
  return formatUsdt(
    typeof amount === "bigint" ? amount : readDecimal(amount, USDT_DECIMALS),
    locale,
  );
}

/** Money of a currency from a plain decimal of the wire, with all the digits that it has. */
export function writeFiat(amount: string, currency: string, locale: string): string {
  const digits = Math.max(placesOf(amount), minorDigits(currency));
  return formatFiat(readDecimal(amount, digits), currency, digits, locale);
}

/** A plain decimal of the wire in the reader's digits, without a currency. */
export function writeDecimal(amount: string, locale: string): string {
  const places = placesOf(amount);
  return formatAmount(readDecimal(amount, places), places, locale);
}

const STEPS = [
  ["year", 31_536_000],
  ["month", 2_592_000],
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
] as const;

/** "3 minutes ago" or "in 2 hours", from the server's clock. */
export function writeRelative(iso: string, nowMs: number, locale: string): string {
  const seconds = Math.round((Date.parse(iso) - nowMs) / 1000);
  const [unit, length] = STEPS.find(([, step]) => Math.abs(seconds) >= step) ?? ["second", 1];
  const format = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  return format.format(Math.trunc(seconds / length), unit);
}

/** A span as its two largest parts: "1 hr 5 min". */
export function writeSpan(seconds: number, locale: string): string {
  const parts: string[] = [];
  let rest = Math.max(0, Math.round(seconds));
  for (const [unit, length] of STEPS.slice(2)) {
    const count = Math.floor(rest / length);
    rest -= count * length;
    if (count === 0 && !(unit === "second" && parts.length === 0)) continue;
    const options = { style: "unit", unit, unitDisplay: "short" } as const;
    parts.push(new Intl.NumberFormat(locale, options).format(count));
    if (parts.length === 2) break;
  }
  return parts.join(" ");
}

function makeFormat(locale: string) {
  const at = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const clock = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
  const exact = new Intl.DateTimeFormat(locale, { dateStyle: "full", timeStyle: "long" });
  const number = new Intl.NumberFormat(locale);
  const percent = new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: 2 });
  const list = new Intl.ListFormat(locale, { type: "conjunction" });
  return {
    locale,
    usdt: (amount: string | bigint) => writeUsdt(amount, locale),
    fiat: (amount: string, currency: string) => writeFiat(amount, currency, locale),
    decimal: (amount: string) => writeDecimal(amount, locale),
    number: (value: number) => number.format(value),
    /** 0.995 is "99.5 %". */
    percent: (share: number | string) => percent.format(share as Intl.StringNumericLiteral),
    dateTime: (iso: string) => at.format(new Date(iso)),
    date: (iso: string) => day.format(new Date(iso)),
    clock: (iso: string) => clock.format(new Date(iso)),
    exact: (iso: string) => exact.format(new Date(iso)),
    relative: (iso: string, nowMs: number) => writeRelative(iso, nowMs, locale),
    span: (seconds: number) => writeSpan(seconds, locale),
    list: (words: readonly string[]) => list.format(words),
  };
}

export type Format = ReturnType<typeof makeFormat>;

/** Writers for the reader's locale. */
export function useFormat(): Format {
  const locale = useLocale();
  return useMemo(() => makeFormat(locale), [locale]);
}
