/** Questions that people have before and during a trade; each has an address of its own. */

import { ChevronDown } from "lucide-react";
import { useEffect } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "react-router";

import { Page } from "@/ui/layout";

const QUESTIONS = [
  "start",
  "escrow",
  "late",
  "notArrived",
  "otherName",
  "cancel",
  "dispute",
  "scams",
  "hold",
] as const;

export function Screen() {
  const { t } = useTranslation("public");
  const { hash } = useLocation();
  useEffect(() => {
    const asked = document.getElementById(hash.slice(1));
    if (asked instanceof HTMLDetailsElement) asked.open = true;
  }, [hash]);
  return (
    <Page title={t("help.title")} lead={t("help.lead")} width="text">
      <div className="divide-y divide-line border-y border-line">
        {QUESTIONS.map((question) => (
          <details key={question} id={question} className="group py-1">
            <summary className="flex min-h-11 list-none items-center justify-between gap-3 font-semibold">
              {t(`help.questions.${question}.asked`)}
              <ChevronDown aria-hidden size={20} className="shrink-0 group-open:rotate-180" />
            </summary>
            <p className="pb-3 text-muted">{t(`help.questions.${question}.answer`)}</p>
          </details>
        ))}
      </div>
    </Page>
  );
}
