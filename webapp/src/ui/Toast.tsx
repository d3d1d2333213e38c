/** Short notes about what was done, read out and gone after a while; never the only place of an error. */

import clsx from "clsx";
import { X } from "lucide-react";
import { createContext, type ReactNode, useCallback, useContext, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";

import { IconButton } from "./Button";

interface Note {
  id: number;
  text: string;
  kind: "done" | "warn";
}

type Tell = (text: string, kind?: Note["kind"]) => void;

const ToastContext = createContext<Tell | null>(null);
const SHOWN_MS = 6_000;
const SHOWN_MAX = 3;
let lastId = 0;

export function ToastProvider({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const [notes, setNotes] = useState<readonly Note[]>([]);
  const drop = useCallback(
    (id: number) => setNotes((now) => now.filter((one) => one.id !== id)),
    [],
  );
  const tell = useCallback<Tell>(
    (text, kind = "done") => {
      lastId += 1;
      const note = { id: lastId, text, kind };
      setNotes((now) => [...now, note].slice(-SHOWN_MAX));
      setTimeout(() => drop(note.id), SHOWN_MS);
    },
    [drop],
  );
  const value = useMemo(() => tell, [tell]);
  return (
    <ToastContext value={value}>
      {children}
      <div
        role="status"
        aria-live="polite"
        className="pointer-events-none fixed inset-x-4 bottom-20 z-50 mx-auto grid max-w-md gap-2 md:bottom-6"
      >
        {notes.map((note) => (
          <div
            key={note.id}
            className={clsx(
              "appear pointer-events-auto flex items-center justify-between gap-2 rounded-md border bg-surface ps-4 shadow-raised",
              note.kind === "warn" ? "border-warn" : "border-line",
            )}
          >
            <span className="py-2">{note.text}</span>
            <IconButton label={t("close")} onClick={() => drop(note.id)}>
              <X aria-hidden size={18} />
            </IconButton>
          </div>
        ))}
      </div>
    </ToastContext>
  );
}

/** Tell the person that something was done. */
export function useToast(): Tell {
  const tell = useContext(ToastContext);
  if (tell === null) throw new Error("no toasts around this component");
  return tell;
}
