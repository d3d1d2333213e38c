/** Buttons: verbs with objects, 44 pixels high, and those that move money. */

import type { FeedState } from "@iqx/contract";
import clsx from "clsx";
import { Lock, LoaderCircle } from "lucide-react";
import { type ComponentProps, type ReactNode, useId } from "react";
import { useTranslation } from "react-i18next";
import { Link, type LinkProps } from "react-router";

export type ButtonKind = "primary" | "secondary" | "quiet" | "link" | "buy" | "sell" | "danger";

const BASE =
  "inline-flex items-center justify-center gap-2 min-h-11 rounded-md px-4 font-medium text-center " +
  "select-none disabled:opacity-50 aria-disabled:opacity-50 aria-disabled:cursor-not-allowed";
const LOOKS: Record<ButtonKind, string> = {
  primary: "bg-accent text-on-accent",
  secondary: "border border-line-strong bg-surface text-ink",
  quiet: "text-ink hover:bg-raised",
  link: "text-accent underline underline-offset-4 px-0!",
  buy: "bg-buy text-on-buy",
  sell: "bg-sell text-on-sell",
  danger: "bg-danger text-on-danger",
};

/** The look of a button, for links and summaries that act like one. */
export function buttonLook(kind: ButtonKind = "secondary", more?: string): string {
  return clsx(BASE, LOOKS[kind], more);
}

export interface ButtonProps extends ComponentProps<"button"> {
  kind?: ButtonKind;
  /** What it began is under way: it cannot be pressed again. */
  busy?: boolean;
}

export function Button({
  kind,
  busy = false,
  disabled,
  className,
  children,
  ...rest
}: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled === true || busy}
      aria-busy={busy}
      className={buttonLook(kind, className)}
    >
      {busy && <LoaderCircle aria-hidden size={18} className="animate-spin" />}
      {children}
    </button>
  );
}

/** A button of a picture alone; `label` is what it is called. */
export function IconButton({ label, className, ...rest }: ButtonProps & { label: string }) {
  return (
    <Button
      kind="quiet"
      {...rest}
      aria-label={label}
      title={label}
      className={clsx("min-w-11 px-2!", className)}
    />
  );
}

/** A way to another page that looks like a button. */
export function ButtonLink({ kind, className, ...rest }: LinkProps & { kind?: ButtonKind }) {
  return <Link {...rest} className={buttonLook(kind, clsx("no-underline", className))} />;
}

interface MoneyButtonProps extends Omit<ButtonProps, "kind"> {
  kind?: "primary" | "buy" | "sell" | "danger";
  /** The state of the room whose numbers stand beside the button. */
  feed: FeedState;
  /** Another reason for which it cannot be pressed now, told beside it. */
  lockedBecause?: string | undefined;
  children: ReactNode;
}

/**
 * A button that moves money. It locks, and says why, while what is shown beside it may be old. It
 * stays in the order of the keyboard, so that its reason is read.
 */
export function MoneyButton(props: MoneyButtonProps) {
  const { feed, lockedBecause, kind = "primary", onClick, children, ...rest } = props;
  const { t } = useTranslation();
  const id = useId();
  const reason = feed === "live" ? lockedBecause : t(`feed.locked.${feed}`);
  const locked = reason !== undefined;
  return (
    <span className="grid gap-1">
      <Button
        {...rest}
        kind={kind}
        aria-disabled={locked}
        aria-describedby={locked ? id : undefined}
        onClick={(event) => {
          if (locked) event.preventDefault();
          else onClick?.(event);
        }}
      >
        {locked && <Lock aria-hidden size={18} />}
        {children}
      </Button>
      {locked && (
        <span id={id} className="text-sm text-muted">
          {reason}
        </span>
      )}
    </span>
  );
}
