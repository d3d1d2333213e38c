/** Every market with its price, found by code or by the currency's name. */

import { useTranslation } from "react-i18next";
import { useSearchParams } from "react-router";

import { Field } from "@/ui/Field";
import { Input } from "@/ui/inputs";
import { Page } from "@/ui/layout";
import { Empty, QueryView, SkeletonRows } from "@/ui/states";

import { search, useFigures } from "./figures";
import { FigureTable } from "./FigureTable";

export function Screen() {
  const { t } = useTranslation("public");
  const [params, setParams] = useSearchParams();
  const word = params.get("q") ?? "";
  const figures = useFigures();
  return (
    <Page title={t("markets.title")} lead={t("markets.lead")}>
      <div role="search" className="mb-4 max-w-sm">
        <Field label={t("markets.search")}>
          <Input
            type="search"
            autoComplete="off"
            value={word}
            onChange={(event) =>
              setParams(event.target.value === "" ? {} : { q: event.target.value }, {
                replace: true,
              })
            }
          />
        </Field>
      </div>
      <QueryView query={figures} skeleton={<SkeletonRows rows={10} />}>
        {(all) => {
          const found = search(all, word);
          return found.length === 0 ? (
            <Empty title={t("markets.none")}>{t("markets.noneText")}</Empty>
          ) : (
            <FigureTable label={t("markets.title")} figures={found} />
          );
        }}
      </QueryView>
    </Page>
  );
}
