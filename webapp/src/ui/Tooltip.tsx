/** A word of explanation on hover, focus and touch. */

import { Tooltip as Parts } from "radix-ui";
import { type ReactNode, useState } from "react";

export function Tooltip({ text, children }: { text: string; children: ReactNode }) {
  const [open, setOpen] = useState(false);
  return (
    <Parts.Provider delayDuration={200}>
      <Parts.Root open={open} onOpenChange={setOpen}>
        <Parts.Trigger asChild>
          <button
            type="button"
            onClick={() => setOpen(true)}
            className="underline decoration-dotted underline-offset-4"
          >
            {children}
          </button>
        </Parts.Trigger>
        <Parts.Portal>
          <Parts.Content
            sideOffset={4}
            collisionPadding={8}
            className="z-50 max-w-72 rounded-md bg-ink px-3 py-2 text-sm text-surface"
          >
            {text}
          </Parts.Content>
        </Parts.Portal>
      </Parts.Root>
    </Parts.Provider>
  );
}
