/** Tabs within a page, and tabs that are pages of their own. */

import clsx from "clsx";
import { Tabs as Parts } from "radix-ui";
import type { ReactNode } from "react";
import { NavLink } from "react-router";

const TAB =
  "inline-flex min-h-11 items-center whitespace-nowrap border-b-2 border-transparent px-3 font-medium text-muted";

interface TabsProps<V extends string> {
  label: string;
  value: V;
  onChange: (value: V) => void;
  tabs: readonly { value: V; label: ReactNode; content: ReactNode }[];
}

export function Tabs<V extends string>({ label, value, onChange, tabs }: TabsProps<V>) {
  return (
    <Parts.Root value={value} onValueChange={(chosen) => onChange(chosen as V)}>
      <Parts.List aria-label={label} className="flex overflow-x-auto border-b border-line">
        {tabs.map((tab) => (
          <Parts.Trigger
            key={tab.value}
            value={tab.value}
            className={clsx(TAB, "data-[state=active]:border-accent data-[state=active]:text-ink")}
          >
            {tab.label}
          </Parts.Trigger>
        ))}
      </Parts.List>
      {tabs.map((tab) => (
        <Parts.Content key={tab.value} value={tab.value} className="pt-4">
          {tab.content}
        </Parts.Content>
      ))}
    </Parts.Root>
  );
}

/** Pages that belong together, each with its own address. */
export function PageTabs(props: {
  label: string;
  pages: readonly { to: string; label: string }[];
}) {
  return (
    <nav aria-label={props.label} className="mb-4 flex overflow-x-auto border-b border-line">
      {props.pages.map((page) => (
        <NavLink
          key={page.to}
          to={page.to}
          end
          className={({ isActive }) => clsx(TAB, isActive && "border-accent! text-ink!")}
        >
          {page.label}
        </NavLink>
      ))}
    </nav>
  );
}
