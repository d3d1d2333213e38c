/** The start page of one's account: who one is here, what one may trade, and what raises it. */

import { keys, type Schema } from "@iqx/contract";
import { useQuery } from "@tanstack/react-query";
import { ChevronRight } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useCommand } from "@/api/queries";
import { useClient } from "@/api/services";
import { useMe } from "@/api/session";
import { useFormat } from "@/i18n/format";
import { Button, ButtonLink } from "@/ui/Button";
import { Badge, Facts, Note, Page, Section } from "@/ui/layout";
import { Money, Time } from "@/ui/numbers";
import { ProblemNote, QueryView, SkeletonRows } from "@/ui/states";

const PAGES = [
  ["/account/payment-accounts", "pages.payment"],
  ["/account/security", "pages.security"],
  ["/account/notifications", "pages.notifications"],
  ["/account/privacy", "pages.privacy"],
  ["/account/api-keys", "pages.apiKeys"],
] as const;

export function Screen() {
  const { t } = useTranslation("account");
  const me = useMe();
  return (
    <Page title={t("title")} width="text">
      {me === undefined ? <SkeletonRows rows={2} /> : <Person me={me} />}
      <nav aria-label={t("title")} className="mb-8 divide-y divide-line border-y border-line">
        {PAGES.map(([to, label]) => (
          <Link key={to} to={to} className="flex min-h-12 items-center justify-between">
            {t(label)}
            <ChevronRight aria-hidden size={18} className="rtl:rotate-180" />
          </Link>
        ))}
      </nav>
      <Section title={t("limits.title")}>
        <LimitsView />
      </Section>
    </Page>
  );
}

function Person({ me }: { me: Schema<"User"> }) {
  const { t } = useTranslation("account");
  return (
    <Section
      title={me.username}
      actions={
        <Link className="text-accent underline" to={`/u/${encodeURIComponent(me.username)}`}>
          {t("publicPage")}
        </Link>
      }
    >
      <p className="mb-2 flex flex-wrap gap-2">
        <Badge kind="accent">{t("level", { level: me.kyc_level })}</Badge>
        {!me.second_factor && <Badge kind="warn">{t("noFactor")}</Badge>}
      </p>
      <Facts
        facts={[
          [t("email"), me.email],
          [t("phone"), <bdi key="phone">{me.phone ?? "-"}</bdi>],
          [t("since"), <Time key="since" at={me.created_at} exact />],
        ]}
      />
      {me.kyc_level === 0 && (
        <ButtonLink kind="primary" to="/verify" className="mt-4">
          {t("verify")}
        </ButtonLink>
      )}
    </Section>
  );
}

function LimitsView() {
  const { t } = useTranslation("account");
  const client = useClient();
  const format = useFormat();
  const query = useQuery({
    queryKey: keys.limits(),
    queryFn: ({ signal }) => client.get("/api/v1/me/limits", { signal }),
  });
  return (
    <QueryView query={query} skeleton={<SkeletonRows rows={4} />}>
      {(limits) => (
        <div className="grid gap-4">
          {limits.terms_outdated && <Terms />}
          <Facts
            facts={[
              [t("limits.left"), <Money key="left" usdt={limits.day_left} />],
              [t("limits.day"), <Money key="day" usdt={limits.day_limit} />],
              [
                t("limits.trade"),
                limits.trade_cap === null ? t("limits.none") : format.usdt(limits.trade_cap),
              ],
              [
                t("limits.unpaid"),
                `${format.number(limits.open_unpaid)} / ${format.number(limits.open_unpaid_max)}`,
              ],
            ]}
          />
          <Blocked until={limits.taking_blocked_until} text="limits.takingBlocked" />
          <Blocked until={limits.selling_blocked_until} text="limits.sellingBlocked" />
          {limits.next_day_limit !== null && (
            <p className="text-muted">
              {t("limits.next", { amount: format.usdt(limits.next_day_limit) })}
            </p>
          )}
          {limits.trades_until_more > 0 && (
            <p className="text-muted">{t("limits.trades", { count: limits.trades_until_more })}</p>
          )}
        </div>
      )}
    </QueryView>
  );
}

function Blocked(props: {
  until: string | null;
  text: "limits.takingBlocked" | "limits.sellingBlocked";
}) {
  const { t } = useTranslation("account");
  const format = useFormat();
  if (props.until === null) return null;
  return <Note kind="warn">{t(props.text, { time: format.dateTime(props.until) })}</Note>;
}

/** The terms changed: nothing new begins before they are accepted. */
function Terms() {
  const { t } = useTranslation("account");
  const client = useClient();
  const accepting = useCommand(
    async (_: null, { key }) => {
      const { current } = await client.get("/api/v1/me/terms");
      return client.post("/api/v1/me/terms", { body: { version: current }, key });
    },
    { makesOld: [keys.me()] },
  );
  return (
    <Note kind="warn" title={t("terms.title")}>
      <p className="mb-2">{t("terms.text")}</p>
      <ProblemNote thrown={accepting.error} />
      <Button kind="primary" busy={accepting.isPending} onClick={() => accepting.mutate(null)}>
        {t("terms.accept")}
      </Button>
    </Note>
  );
}
