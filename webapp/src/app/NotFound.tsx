/** An address that leads nowhere. */

import { useTranslation } from "react-i18next";

import { ButtonLink } from "@/ui/Button";
import { Page } from "@/ui/layout";

export function NotFound() {
  const { t } = useTranslation();
  return (
    <Page title={t("notFound.title")} width="text">
      <p className="mb-4">{t("notFound.text")}</p>
      <ButtonLink kind="primary" to="/">
        {t("notFound.home")}
      </ButtonLink>
    </Page>
  );
}
