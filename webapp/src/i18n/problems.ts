/** One sentence in the reader's language for what went wrong. */

import { isProblem } from "@iqx/contract";
import { useCallback } from "react";
import { useTranslation } from "react-i18next";

/** The sentence of a refusal's code; of one that has none here, the server's own. */
export function useProblemText(): (thrown: unknown) => string {
  const { t, i18n } = useTranslation(["common", "problems"]);
  return useCallback(
    (thrown) => {
      if (!isProblem(thrown)) return t("common:error.ours");
      const params = Object.fromEntries(
        Object.entries(thrown.params).filter(([, value]) => typeof value !== "object"),
      );
      return i18n.t(`problems:${thrown.code}`, { ...params, defaultValue: thrown.title });
    },
    [t, i18n],
  );
}
