/**
 * A panel of acts, pages or choices behind a button: a disclosure, so that every reader finds
 * ordinary links and buttons in it, and it costs no library in the first load.
 */

import clsx from "clsx";
import { type ReactNode, type RefObject, useEffect, useId, useRef, useState } from "react";
import { Link } from "react-router";

import { type ButtonKind, buttonLook } from "./Button";

interface MenuProps {
  /** What the button is called. */
  label: string;
  /** What the button shows; the label where it is left out. */
  icon?: ReactNode;
  kind?: ButtonKind;
  children: ReactNode;
}

export function Menu({ label, icon, kind = "quiet", children }: MenuProps) {
  const [open, setOpen] = useState(false);
  const place = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const panelId = useId();
  useLeaving(place, open, (byKey) => {
    setOpen(false);
    if (byKey) button.current?.focus();
  });
  return (
    <div ref={place} className="relative">
      <button
        ref={button}
        type="button"
        aria-expanded={open}
        aria-controls={open ? panelId : undefined}
        aria-label={icon === undefined ? undefined : label}
        title={icon === undefined ? undefined : label}
        onClick={() => setOpen(!open)}
        className={buttonLook(kind, icon === undefined ? undefined : "min-w-11 px-2!")}
      >
        {icon ?? label}
      </button>
      {open && (
        // A choice closes the panel once what it does has been done.
        <div
          id={panelId}
          onClick={() => setOpen(false)}
          className="appear absolute end-0 top-full z-50 mt-1 max-h-[70dvh] min-w-56 overflow-y-auto rounded-md border border-line bg-surface p-1 shadow-raised"
        >
          {children}
        </div>
      )}
    </div>
  );
}

/** Close on Escape, on a press elsewhere, and when the focus goes elsewhere. */
function useLeaving(
  place: RefObject<HTMLElement | null>,
  open: boolean,
  leave: (byKey: boolean) => void,
): void {
  const leaving = useRef(leave);
  useEffect(() => {
    leaving.current = leave;
  });
  useEffect(() => {
    if (!open) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === "Escape") leaving.current(true);
    };
    const onElsewhere = (event: Event) => {
      if (event.target instanceof Node && place.current?.contains(event.target) !== true) {
        leaving.current(false);
      }
    };
    document.addEventListener("keydown", onKey);
    document.addEventListener("pointerdown", onElsewhere);
    document.addEventListener("focusin", onElsewhere);
    return () => {
      document.removeEventListener("keydown", onKey);
      document.removeEventListener("pointerdown", onElsewhere);
      document.removeEventListener("focusin", onElsewhere);
    };
  }, [open, place]);
}

const ITEM =
  "flex min-h-11 w-full items-center gap-2 rounded-md px-3 text-start hover:bg-raised disabled:opacity-50";

interface MenuItemProps {
  /** A way to another page; else `onSelect`. */
  to?: string;
  onSelect?: () => void;
  disabled?: boolean;
  danger?: boolean;
  children: ReactNode;
}

export function MenuItem(props: MenuItemProps) {
  const { to, onSelect, disabled = false, danger = false, children } = props;
  const look = clsx(ITEM, danger && "text-danger");
  if (to !== undefined) {
    return (
      <Link to={to} className={look}>
        {children}
      </Link>
    );
  }
  return (
    <button type="button" disabled={disabled} onClick={onSelect} className={look}>
      {children}
    </button>
  );
}

interface MenuChoiceProps<V extends string> {
  label: string;
  value: V;
  options: readonly { value: V; label: string; lang?: string }[];
  onChange: (value: V) => void;
}

/** One of several, the chosen one marked. */
export function MenuChoice<V extends string>(props: MenuChoiceProps<V>) {
  const { label, value, options, onChange } = props;
  return (
    <div role="group" aria-label={label}>
      <p aria-hidden className="px-3 py-1 text-sm text-muted">
        {label}
      </p>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          lang={option.lang}
          onClick={() => onChange(option.value)}
          className={clsx(ITEM, option.value === value && "font-semibold")}
        >
          {option.label}
          {option.value === value && (
            <span aria-hidden className="ms-auto">
              ✓
            </span>
          )}
        </button>
      ))}
    </div>
  );
}
