/** What one was told, newest first, and which kinds one wants to be told. */

import { keys, type Schema } from "@iqx/contract";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useCommand, usePages } from "@/api/queries";
import { useClient } from "@/api/services";
import { Button } from "@/ui/Button";
import { Switch } from "@/ui/choices";
import { List, Page, Row, Section } from "@/ui/layout";
import { Time } from "@/ui/numbers";
import { Empty, LoadMore, ProblemNote, QueryView } from "@/ui/states";

type Item = Schema<"NotificationItem">;

const PLACES: Record<string, string> = {
  trade: "/trades/",
  order: "/orders/",
  dispute: "/disputes/",
};

/** Where a notification leads; `null` where there is no page of its own. */
export function placeOf(item: Pick<Item, "subject" | "subject_id">): string | null {
  const place = item.subject === null ? undefined : PLACES[item.subject];
  return place === undefined || item.subject_id === null ? null : place + item.subject_id;
}

export function Screen() {
  const { t } = useTranslation("account");
  const client = useClient();
  const [settings, setSettings] = useState(false);
  const query = usePages(keys.notifications(), (cursor, signal) =>
    client.get("/api/v1/notifications", { query: cursor === undefined ? {} : { cursor }, signal }),
  );
  const reading = useCommand(
    (body: Schema<"ReadThrough">, { key }) =>
      client.post("/api/v1/notifications/read", { body, key }),
    { makesOld: [["notifications"]] },
  );
  const newest = query.items?.[0];
  const unread = query.items?.some((item) => item.read_at === null) ?? false;
  return (
    <Page
      title={t("pages.notifications")}
      width="text"
      actions={
        newest !== undefined &&
        unread && (
          <Button busy={reading.isPending} onClick={() => reading.mutate({ through: newest.id })}>
            {t("inbox.readAll")}
          </Button>
        )
      }
    >
      <ProblemNote thrown={reading.error} />
      <QueryView query={query}>
        {() =>
          query.items?.length === 0 ? (
            <Empty title={t("inbox.none")}>{t("inbox.noneText")}</Empty>
          ) : (
            <List label={t("pages.notifications")}>
              {query.items?.map((item) => (
                <Notification key={item.id} item={item} />
              ))}
            </List>
          )
        }
      </QueryView>
      <LoadMore query={query} />
      <div className="mt-8">
        <Button aria-expanded={settings} onClick={() => setSettings(!settings)}>
          {t("inbox.settings")}
        </Button>
        {settings && <Settings />}
      </div>
    </Page>
  );
}

function Notification({ item }: { item: Item }) {
  const { t } = useTranslation("account");
  const client = useClient();
  const reading = useCommand(
    (id: string, { key }) => client.post("/api/v1/notifications/{id}/read", { path: { id }, key }),
    { makesOld: [["notifications"]] },
  );
  const place = placeOf(item);
  const title = <span className={item.read_at === null ? "font-semibold" : ""}>{item.title}</span>;
  return (
    <Row>
      <div className="min-w-0">
        <p>
          {item.read_at === null && (
            <span className="me-2 text-sm text-accent">{t("inbox.new")}</span>
          )}
          {place === null ? (
            title
          ) : (
            <Link to={place} onClick={() => reading.mutate(item.id)} className="underline">
              {title}
            </Link>
          )}
        </p>
        <p className="text-sm break-words text-muted">{item.text}</p>
      </div>
      <span className="text-sm text-muted">
        <Time at={item.created_at} />
      </span>
    </Row>
  );
}

function Settings() {
  const { t } = useTranslation("account");
  const client = useClient();
  const queryKey = ["me", "notification-settings"];
  const query = useQuery({
    queryKey,
    queryFn: ({ signal }) => client.get("/api/v1/me/notification-settings", { signal }),
  });
  const wishing = useCommand(
    (topic: { items: Schema<"Wish">[] }, { key }) =>
      client.patch("/api/v1/me/notification-settings", { body: topic, key }),
    { makesOld: [queryKey] },
  );
  return (
    <Section title={t("inbox.settings")}>
      <ProblemNote thrown={wishing.error} />
      <QueryView query={query}>
        {({ items }) =>
          groupByTopic(items).map(([topic, kinds]) => (
            <Switch
              key={topic}
              label={t(`topic.${topic}`)}
              hint={kinds.every((one) => one.fixed) ? t("inbox.fixed") : undefined}
              checked={kinds.some((one) => one.enabled)}
              disabled={wishing.isPending || kinds.every((one) => one.fixed)}
              onChange={(enabled) =>
                wishing.mutate({
                  items: kinds
                    .filter((one) => !one.fixed)
                    .map(({ kind, channel }) => ({ kind, channel, enabled }) as Schema<"Wish">),
                })
              }
            />
          ))
        }
      </QueryView>
    </Section>
  );
}

type Topic = Exclude<Item["topic"], null>;
type Setting = Schema<"NotificationSetting">;

function groupByTopic(items: readonly Setting[]): [Topic, Setting[]][] {
  const grouped = new Map<Topic, Setting[]>();
  for (const item of items) {
    const topic = item.topic as Topic;
    grouped.set(topic, [...(grouped.get(topic) ?? []), item]);
  }
  return [...grouped];
}
