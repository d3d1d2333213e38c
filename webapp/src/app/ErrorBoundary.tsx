/** What is shown when a screen breaks, or when its file is of a version that is gone. */

import { useTranslation } from "react-i18next";
import { useRouteError } from "react-router";

import { Button } from "@/ui/Button";
import { Page } from "@/ui/layout";

const GONE = /dynamically imported module|module script failed|preload/i;

export function ScreenFailed() {
  const { t } = useTranslation();
  const thrown = useRouteError();
  const gone = thrown instanceof Error && GONE.test(thrown.message);
  return (
    <Page title={gone ? t("update.title") : t("broken.title")} width="text">
      <p className="mb-4">{gone ? t("update.gone") : t("broken.text")}</p>
      <Button kind="primary" onClick={() => location.reload()}>
        {t("update.reload")}
      </Button>
    </Page>
  );
}
