/**
 * Dialogs, only for irreversible acts and proofs, and sheets. The browser's own `dialog` keeps the
 * focus inside, everything else out of reach and Escape working, and needs no inline style.
 */

import clsx from "clsx";
import { X } from "lucide-react";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { useTranslation } from "react-i18next";

import { IconButton } from "./Button";

interface DialogProps {
  open: boolean;
  title: string;
  onClose: () => void;
  children: ReactNode;
  /** Buttons at the end, which stay in view. */
  actions?: ReactNode;
  /** `sheet` rises from the bottom of a phone and stands at the end of a wide screen. */
  as?: "dialog" | "sheet";
}

const LOOKS = {
  dialog: "m-auto w-[calc(100%-2rem)] max-w-lg rounded-md",
  sheet:
    "mt-auto mb-0 w-full max-w-none rounded-t-md md:my-0 md:ms-auto md:me-0 md:h-dvh md:max-h-none " +
    "md:w-[28rem] md:rounded-none",
};

export function Dialog(props: DialogProps) {
  const { open } = props;
  return open ? <OpenDialog {...props} /> : null;
}

export function Sheet(props: Omit<DialogProps, "as">) {
  return <Dialog {...props} as="sheet" />;
}

function OpenDialog({ title, onClose, children, actions, as = "dialog" }: DialogProps) {
  const { t } = useTranslation();
  const shown = useRef<HTMLDialogElement>(null);
  const titleId = useId();
  useEffect(() => {
    const dialog = shown.current;
    if (dialog === null) return;
    const before = document.activeElement;
    dialog.showModal();
    return () => {
      dialog.close();
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={shown}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      className={clsx("appear max-h-[90dvh] bg-surface text-ink shadow-raised", LOOKS[as])}
    >
      <div className="flex h-full max-h-[90dvh] flex-col md:max-h-full">
        <header className="flex items-start justify-between gap-4 border-b border-line py-2 ps-4 pe-2">
          <h2 id={titleId} className="py-2 text-lg font-semibold">
            {title}
          </h2>
          <IconButton label={t("close")} onClick={onClose}>
            <X aria-hidden size={20} />
          </IconButton>
        </header>
        <div className="grow overflow-y-auto p-4">{children}</div>
        {actions !== undefined && (
          <footer className="flex flex-wrap justify-end gap-2 border-t border-line p-4">
            {actions}
          </footer>
        )}
      </div>
    </dialog>
  );
}
