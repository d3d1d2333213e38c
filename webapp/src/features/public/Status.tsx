/** Whether everything works, and the public log of outages. */

import type { Schema } from "@iqx/contract";
import { useQuery } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { useTranslation } from "react-i18next";

import { useNow } from "@/api/clock";
import { usePages } from "@/api/queries";
import { useClient } from "@/api/services";
import { useFormat } from "@/i18n/format";
import { Badge, List, Note, Page, Row, Section } from "@/ui/layout";
import { Time } from "@/ui/numbers";
import { LoadMore, QueryView, SkeletonRows } from "@/ui/states";

type Stopped = Schema<"Stopped">;
type Outage = Schema<"Outage">;

const STATUS_MS = 30_000;
const WHOLE = ["read_only", "trading_stopped", "releases_stopped", "withdrawals_stopped"] as const;

export function Screen() {
  const { t } = useTranslation("public");
  const client = useClient();
  const status = useQuery({
    queryKey: ["status"],
    queryFn: ({ signal }) => client.get("/api/v1/status", { signal }),
    refetchInterval: STATUS_MS,
  });
  return (
    <Page title={t("status.title")} width="text">
      <div className="mb-8">
        <QueryView query={status} skeleton={<SkeletonRows rows={1} />}>
          {({ items }) => (items.length === 0 ? <AllWell /> : <WhatIsStopped items={items} />)}
        </QueryView>
      </div>
      <Outages />
    </Page>
  );
}

function AllWell() {
  const { t } = useTranslation("public");
  return (
    <p role="status" className="flex items-center gap-3 text-lg font-semibold">
      <CircleCheck aria-hidden className="shrink-0 text-buy" /> {t("status.well")}
    </p>
  );
}

function WhatIsStopped({ items }: { items: readonly Stopped[] }) {
  return (
    <div className="grid gap-3">
      {items.map((item) => (
        <Note key={item.switch} kind="warn">
          <StoppedPart name={item.switch} />{" "}
          <span className="text-sm text-muted">
            <Time at={item.since} />
          </span>
        </Note>
      ))}
    </div>
  );
}

/** What a switch means for who reads. */
function StoppedPart({ name }: { name: string }) {
  const { t } = useTranslation("public");
  const whole = WHOLE.find((one) => one === name);
  if (whole !== undefined) return t(`status.stopped.${whole}`);
  const [kind, part = name] = name.split(":");
  return t(kind === "rail" ? "status.stopped.rail" : "status.stopped.market", { name: part });
}

function Outages() {
  const { t } = useTranslation("public");
  const client = useClient();
  const outages = usePages(["outages"], (cursor, signal) =>
    client.get("/api/v1/outages", { query: cursor === undefined ? {} : { cursor }, signal }),
  );
  const items = outages.items ?? [];
  return (
    <Section title={t("status.outages")}>
      <p className="mb-3 text-muted">{t("status.outagesLead")}</p>
      <QueryView query={outages}>
        {() =>
          items.length === 0 ? (
            <p>{t("status.noOutage")}</p>
          ) : (
            <List label={t("status.outages")}>
              {items.map((outage) => (
                <OutageRow key={outage.id} outage={outage} />
              ))}
            </List>
          )
        }
      </QueryView>
      <LoadMore query={outages} />
    </Section>
  );
}

function OutageRow({ outage }: { outage: Outage }) {
  const { t } = useTranslation("public");
  const format = useFormat();
  const nowMs = useNow(30);
  const endMs = outage.ended_at === null ? nowMs : Date.parse(outage.ended_at);
  const span = format.span((endMs - Date.parse(outage.started_at)) / 1000);
  return (
    <Row>
      <span>
        <Time at={outage.started_at} exact />
        <span className="block text-sm text-muted">
          {outage.credited_at === null ? t("status.willCredit") : t("status.credited")}
        </span>
      </span>
      <span className="flex flex-wrap items-center gap-2">
        {outage.announced && <Badge>{t("status.announced")}</Badge>}
        {outage.ended_at === null ? (
          <Badge kind="warn">{t("status.ongoing", { span })}</Badge>
        ) : (
          t("status.lasted", { span })
        )}
      </span>
    </Row>
  );
}
