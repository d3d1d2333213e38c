/** Money and times on screen. */

import clsx from "clsx";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

import { useNow } from "@/api/clock";
import { useFormat } from "@/i18n/format";

type Size = "sm" | "base" | "lg" | "xl";

const SIZES: Record<Size, string> = {
  sm: "text-sm",
  base: "text-base",
  lg: "text-lg font-semibold",
  xl: "text-xl font-semibold",
};

/** Text that flashes once, softly, when it becomes another. */
function Flashing({ text, size = "base" }: { text: string; size?: Size | undefined }) {
  const shown = useRef<HTMLSpanElement>(null);
  const before = useRef(text);
  useEffect(() => {
    const element = shown.current;
    if (element === null || before.current === text) return;
    before.current = text;
    element.classList.remove("flash");
    // Asked for its width, the browser begins the animation anew.
    element.getBoundingClientRect();
    element.classList.add("flash");
  }, [text]);
  return (
    <bdi ref={shown} className={clsx("rounded-md whitespace-nowrap", SIZES[size])}>
      {text}
    </bdi>
  );
}

/** USDT: a plain decimal of the wire or micro-units. */
export function Money({ usdt, size }: { usdt: string | bigint; size?: Size }) {
  return <Flashing text={useFormat().usdt(usdt)} size={size} />;
}

/** Money of a currency: a plain decimal of the wire. */
export function Fiat(props: { amount: string; currency: string; size?: Size }) {
  return <Flashing text={useFormat().fiat(props.amount, props.currency)} size={props.size} />;
}

/** A moment: relative, with the exact time on hover and touch; `exact` shows it whole. */
export function Time({ at, exact = false }: { at: string; exact?: boolean }) {
  const format = useFormat();
  const nowMs = useNow(30);
  const [opened, setOpened] = useState(false);
  if (exact) return <time dateTime={at}>{format.dateTime(at)}</time>;
  return (
    <time
      dateTime={at}
      title={format.exact(at)}
      onClick={() => setOpened(!opened)}
      className="whitespace-nowrap"
    >
      {opened ? format.dateTime(at) : format.relative(at, nowMs)}
    </time>
  );
}

/** Minutes and seconds that are left, hours before them when there are any. */
export function writeLeft(leftMs: number): string {
  const seconds = Math.max(0, Math.ceil(leftMs / 1000));
  const parts = [Math.floor(seconds / 60) % 60, seconds % 60];
  const hours = Math.floor(seconds / 3600);
  if (hours > 0) parts.unshift(hours);
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

const WARN_MS = 5 * 60_000;

/** How long is left by the server's clock, with the wall time; it is read out as it grows short. */
export function Countdown({ until, size = "lg" }: { until: string; size?: Size }) {
  const { t } = useTranslation();
  const format = useFormat();
  const leftMs = Date.parse(until) - useNow();
  const minutes = Math.ceil(leftMs / 60_000);
  return (
    <span className="inline-flex flex-wrap items-baseline gap-x-2">
      <span
        role="timer"
        aria-label={t("left", { span: format.span(Math.max(0, minutes) * 60) })}
        className={clsx("whitespace-nowrap", SIZES[size], leftMs < WARN_MS && "text-warn")}
      >
        {writeLeft(leftMs)}
      </span>
      <span className="text-sm text-muted">{t("until", { time: format.clock(until) })}</span>
      <span className="sr-only" aria-live="polite">
        {minutes === 5 || minutes === 1 ? t("leftSoon", { count: minutes }) : ""}
      </span>
    </span>
  );
}
