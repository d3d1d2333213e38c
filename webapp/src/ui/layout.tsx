/** How a page is made up: its title, sections, cards, lists, tables, badges and notes. */

import clsx from "clsx";
import { Info, TriangleAlert } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";

let visited = 0;

interface PageProps {
  title: string;
  /** A sentence under the title. */
  lead?: ReactNode;
  /** Buttons beside the title. */
  actions?: ReactNode;
  /** `wide` for lists and desks; text stays narrow enough to be read. */
  width?: "text" | "wide";
  /** The title is read out but not shown. */
  hideTitle?: boolean;
  children: ReactNode;
}

/** A screen. It names the browser's tab, and takes the focus when one comes from another screen. */
export function Page({ title, lead, actions, width = "wide", hideTitle, children }: PageProps) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · IQX`;
  }, [title]);
  useEffect(() => {
    visited += 1;
    if (visited > 1) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div className={clsx("mx-auto px-4 py-6", width === "text" ? "max-w-2xl" : "max-w-[1280px]")}>
      <header
        className={clsx(
          "mb-6 flex flex-wrap items-start justify-between gap-4",
          hideTitle === true && "sr-only",
        )}
      >
        <div>
          <h1 ref={heading} tabIndex={-1} className="text-xl font-semibold">
            {title}
          </h1>
          {lead !== undefined && <p className="mt-1 text-muted">{lead}</p>}
        </div>
        {actions !== undefined && <div className="flex flex-wrap gap-2">{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A part of a page under its own heading. */
export function Section(props: { title: string; actions?: ReactNode; children: ReactNode }) {
  return (
    <section className="mb-8">
      <div className="mb-2 flex flex-wrap items-center justify-between gap-2">
        <h2 className="text-lg font-semibold">{props.title}</h2>
        {props.actions}
      </div>
      {props.children}
    </section>
  );
}

export function Card({ className, children }: { className?: string; children: ReactNode }) {
  return (
    <div className={clsx("rounded-md border border-line bg-surface p-4", className)}>
      {children}
    </div>
  );
}

/** Rows parted by hairlines. */
export function List({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul aria-label={label} className="divide-y divide-line border-y border-line">
      {children}
    </ul>
  );
}

export function Row({ className, children }: { className?: string; children: ReactNode }) {
  return (
    <li
      className={clsx(
        "flex flex-wrap items-center justify-between gap-x-4 gap-y-1 py-3",
        className,
      )}
    >
      {children}
    </li>
  );
}

/** Names and values: what a thing is made of. */
export function Facts({ facts }: { facts: readonly (readonly [ReactNode, ReactNode])[] }) {
  return (
    <dl className="divide-y divide-line">
      {facts.map(([name, value], at) => (
        <div key={at} className="flex flex-wrap justify-between gap-x-4 py-2">
          <dt className="text-muted">{name}</dt>
          <dd className="text-end font-medium">{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface Column<T> {
  name: string;
  cell: (row: T) => ReactNode;
  /** Numbers stand at the end. */
  end?: boolean;
}

interface TableProps<T> {
  label: string;
  columns: readonly Column<T>[];
  rows: readonly T[];
  keyOf: (row: T) => string;
}

/** A table for wide screens; it scrolls sideways by itself on narrow ones. */
export function Table<T>({ label, columns, rows, keyOf }: TableProps<T>) {
  return (
    // It is reached by the keyboard, so that it can be scrolled without a pointer.
    <div role="region" aria-label={label} tabIndex={0} className="overflow-x-auto">
      <table className="w-full text-start text-sm">
        <thead>
          <tr className="border-b border-line text-muted">
            {columns.map((column) => (
              <th
                key={column.name}
                scope="col"
                className={clsx("p-2 font-medium", column.end === true ? "text-end" : "text-start")}
              >
                {column.name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={keyOf(row)} className="border-b border-line">
              {columns.map((column) => (
                <td
                  key={column.name}
                  className={clsx("p-2", column.end === true && "text-end whitespace-nowrap")}
                >
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

const BADGES = {
  plain: "border-line-strong text-muted",
  accent: "border-accent text-accent",
  buy: "border-buy text-buy",
  sell: "border-sell text-sell",
  warn: "border-warn text-warn",
  danger: "border-danger text-danger",
};

export type BadgeKind = keyof typeof BADGES;

export function Badge({ kind = "plain", children }: { kind?: BadgeKind; children: ReactNode }) {
  return (
    <span
      className={clsx(
        "inline-flex items-center gap-1 rounded-full border px-2 py-0.5 text-xs font-medium whitespace-nowrap",
        BADGES[kind],
      )}
    >
      {children}
    </span>
  );
}

const NOTES = { info: "border-accent", warn: "border-warn", danger: "border-danger" };

interface NoteProps {
  kind?: keyof typeof NOTES;
  title?: string;
  children: ReactNode;
}

/** A note at the place of the act. Rare, and specific. */
export function Note({ kind = "info", title, children }: NoteProps) {
  const Picture = kind === "info" ? Info : TriangleAlert;
  return (
    <div
      role={kind === "info" ? "note" : "alert"}
      className={clsx("flex gap-3 rounded-md border-s-4 bg-raised p-3", NOTES[kind])}
    >
      <Picture aria-hidden size={20} className="mt-0.5 shrink-0" />
      <div className="min-w-0">
        {title !== undefined && <p className="font-semibold">{title}</p>}
        {children}
      </div>
    </div>
  );
}
