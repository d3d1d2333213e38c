/** What is typed: words, passwords, codes. Give them to react-hook-form by `register` or Controller. */

import clsx from "clsx";
import { Eye, EyeOff } from "lucide-react";
import { type ComponentProps, useState } from "react";
import { useTranslation } from "react-i18next";

import { useFieldAttributes } from "./Field";

export const BOX =
  "w-full min-h-11 rounded-md border border-line-strong bg-surface px-3 text-base text-ink " +
  "placeholder:text-muted aria-invalid:border-danger disabled:opacity-60";

export function Input({ className, ...rest }: ComponentProps<"input">) {
  return <input type="text" {...useFieldAttributes()} {...rest} className={clsx(BOX, className)} />;
}

export function TextArea({ className, ...rest }: ComponentProps<"textarea">) {
  return (
    <textarea
      rows={4}
      {...useFieldAttributes()}
      {...rest}
      className={clsx(BOX, "py-2", className)}
    />
  );
}

type Plain = Omit<ComponentProps<"input">, "onChange" | "value"> & {
  value: string;
  onChange: (value: string) => void;
};

/** A secret: hidden, pasted freely, shown on wish. */
export function PasswordInput({ className, value, onChange, ...rest }: Plain) {
  const { t } = useTranslation();
  const [shown, setShown] = useState(false);
  const Picture = shown ? EyeOff : Eye;
  return (
    <span className="relative block">
      <input
        autoCapitalize="none"
        spellCheck={false}
        {...useFieldAttributes()}
        {...rest}
        type={shown ? "text" : "password"}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        className={clsx(BOX, "pe-12", className)}
      />
      <button
        type="button"
        aria-label={t("password.show")}
        aria-pressed={shown}
        onClick={() => setShown(!shown)}
        className="absolute inset-y-0 end-0 grid w-11 place-items-center rounded-md text-muted"
      >
        <Picture aria-hidden size={20} />
      </button>
    </span>
  );
}

/** Six digits from a mail, a message or an authenticator app; spaces of a pasted code are dropped. */
export function CodeInput({ className, value, onChange, ...rest }: Plain) {
  return (
    <input
      inputMode="numeric"
      autoComplete="one-time-code"
      placeholder="000000"
      {...useFieldAttributes()}
      {...rest}
      value={value}
      onChange={(event) => onChange(event.target.value.replaceAll(/\D/g, "").slice(0, 6))}
      className={clsx(BOX, "text-lg tracking-[0.3em]", className)}
      dir="ltr"
    />
  );
}
