/** Copying one thing with one tap; the confirmation stands where the finger is. */

import { Check, Copy } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";

import { Button } from "./Button";

const SHOWN_MS = 2_000;

/** `what` names the thing for who hears the page: "account number". */
export function CopyButton({ text, what }: { text: string; what: string }) {
  const { t } = useTranslation();
  const [state, setState] = useState<"ready" | "copied" | "failed">("ready");
  useEffect(() => {
    if (state === "ready") return;
    const timer = setTimeout(() => setState("ready"), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = () => {
    navigator.clipboard.writeText(text).then(
      () => setState("copied"),
      () => setState("failed"),
    );
  };
  const Picture = state === "copied" ? Check : Copy;
  return (
    <Button kind="quiet" onClick={copy} aria-label={t("copy.what", { what })} className="px-2!">
      <Picture aria-hidden size={18} />
      <span aria-live="polite" className="text-sm">
        {t(`copy.${state}`)}
      </span>
    </Button>
  );
}

/** A detail that is needed elsewhere: its name, its value, one button to copy it. */
export function CopyField({ name, value }: { name: string; value: string }) {
  return (
    <div className="flex min-h-11 items-center justify-between gap-2 border-b border-line">
      <span className="min-w-0 py-1">
        <span className="block text-sm text-muted">{name}</span>
        <bdi className="block font-medium break-all">{value}</bdi>
      </span>
      <CopyButton text={value} what={name} />
    </div>
  );
}
