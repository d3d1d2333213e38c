/** An amount as people type and paste it in their language; outside it is a plain exact decimal. */

import { formatAmount, formatShort, parseTyped, readDecimal } from "@iqx/contract";
import clsx from "clsx";
import { type ComponentProps, type ReactNode, useState } from "react";

import { useLocale } from "@/i18n";

import { useFieldAttributes } from "./Field";
import { BOX } from "./inputs";

/** What stands in the field: a plain decimal, nothing, or something that is no amount. */
export interface AmountValue {
  /** The plain decimal of the wire ("1234.5"); `null` while empty or no amount. */
  amount: string | null;
  /** What was typed is no amount of this many places. */
  wrong: boolean;
}

/** Read what was typed. Both the locale's spelling and the plain one are understood. */
export function readTyped(text: string, places: number, locale: string): AmountValue {
  if (text.trim() === "") return { amount: null, wrong: false };
  const units = parseTyped(text, places, locale);
  if (units === null) return { amount: null, wrong: true };
  return { amount: formatShort(units, places), wrong: false };
}

/** A plain decimal in the locale's spelling, with the places that it needs. */
export function writeTyped(amount: string | null, places: number, locale: string): string {
  if (amount === null || amount === "") return "";
  return formatAmount(readDecimal(amount, places), places, locale, { min: 0, max: places });
}

interface AmountInputProps extends Omit<
  ComponentProps<"input">,
  "value" | "onChange" | "onBlur" | "type"
> {
  /** A plain decimal, or `null` for an empty field. */
  value: string | null;
  onChange: (amount: string | null, wrong: boolean) => void;
  onBlur?: () => void;
  /** Digits after the point: 6 for USDT, the currency's or the market's for fiat and prices. */
  places: number;
  /** "USDT", "VND". */
  unit: string;
  /** A button at the end, such as "Max". */
  action?: ReactNode;
}

export function AmountInput(props: AmountInputProps) {
  const { value, onChange, onBlur, places, unit, action, className, ...rest } = props;
  const locale = useLocale();
  // What is being typed is left alone; it is written out properly when the field is left.
  const [typing, setTyping] = useState<string | null>(null);
  return (
    <span className="flex items-center gap-2">
      <span className="relative block grow">
        <input
          {...useFieldAttributes()}
          {...rest}
          type="text"
          inputMode="decimal"
          autoComplete="off"
          dir="ltr"
          value={typing ?? writeTyped(value, places, locale)}
          onChange={(event) => {
            setTyping(event.target.value);
            const read = readTyped(event.target.value, places, locale);
            onChange(read.amount, read.wrong);
          }}
          onBlur={() => {
            // What is no amount stays to be seen and mended.
            if (typing !== null && !readTyped(typing, places, locale).wrong) setTyping(null);
            onBlur?.();
          }}
          className={clsx(BOX, "pr-16 text-lg", className)}
        />
        <span className="pointer-events-none absolute inset-y-0 right-3 grid place-items-center text-sm text-muted">
          {unit}
        </span>
      </span>
      {action}
    </span>
  );
}
