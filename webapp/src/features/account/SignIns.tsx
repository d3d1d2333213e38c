/** Attempts to sign in to one's account, good and bad. */

import { useTranslation } from "react-i18next";

import { usePages } from "@/api/queries";
import { useClient } from "@/api/services";
import { Badge, List, Page, Row } from "@/ui/layout";
import { Time } from "@/ui/numbers";
import { Empty, LoadMore, QueryView } from "@/ui/states";

export function Screen() {
  const { t } = useTranslation("account");
  const client = useClient();
  const query = usePages(["me", "sign-ins"], (cursor, signal) =>
    client.get("/api/v1/me/sign-ins", { query: cursor === undefined ? {} : { cursor }, signal }),
  );
  return (
    <Page title={t("history.title")} lead={t("history.lead")} width="text">
      <QueryView query={query}>
        {() =>
          query.items?.length === 0 ? (
            <Empty title={t("history.none")} />
          ) : (
            <List label={t("history.title")}>
              {query.items?.map((attempt) => (
                <Row key={attempt.id}>
                  <div className="min-w-0">
                    <p>
                      {t(`history.kind.${attempt.kind}`)} ·{" "}
                      <Badge kind={attempt.outcome === "refused" ? "warn" : "plain"}>
                        {t(`history.outcome.${attempt.outcome}`)}
                      </Badge>
                    </p>
                    <p className="text-sm break-words text-muted">
                      <bdi>
                        {[attempt.device, attempt.ip, attempt.country].filter(Boolean).join(" · ")}
                      </bdi>
                    </p>
                  </div>
                  <Time at={attempt.at} />
                </Row>
              ))}
            </List>
          )
        }
      </QueryView>
      <LoadMore query={query} />
    </Page>
  );
}
