/** Whether what is on screen is live. */

import clsx from "clsx";
import { useTranslation } from "react-i18next";

import { useConnection } from "@/api/feed";

const COLOURS = { live: "bg-buy", catching_up: "bg-warn", offline: "bg-danger" };

export function Connection() {
  const { t } = useTranslation();
  const state = useConnection();
  return (
    <span role="status" className="flex items-center gap-2 px-2 text-sm text-muted">
      <span aria-hidden className={clsx("size-2.5 rounded-full", COLOURS[state])} />
      <span className={state === "live" ? "sr-only lg:not-sr-only" : "max-md:sr-only"}>
        {t(`feed.${state}`)}
      </span>
    </span>
  );
}
