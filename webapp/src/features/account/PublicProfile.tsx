/** What everybody may see of a user. */

import { keys, type Schema } from "@iqx/contract";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";

import { useCommand, usePages } from "@/api/queries";
import { useClient } from "@/api/services";
import { useMe } from "@/api/session";
import { type Format, useFormat } from "@/i18n/format";
import { Button } from "@/ui/Button";
import { Badge, Facts, List, Page, Row, Section } from "@/ui/layout";
import { Time } from "@/ui/numbers";
import { Empty, LoadMore, ProblemNote, QueryView } from "@/ui/states";
import { useToast } from "@/ui/Toast";

export function Screen() {
  const { t } = useTranslation("account");
  const { username = "" } = useParams();
  const client = useClient();
  const me = useMe();
  const query = useQuery({
    queryKey: keys.user(username),
    queryFn: ({ signal }) => client.get("/api/v1/users/{username}", { path: { username }, signal }),
  });
  const other = me !== undefined && me.username !== username;
  return (
    <Page
      title={username}
      width="text"
      actions={other ? <BlockButton username={username} /> : undefined}
    >
      <QueryView query={query}>{(profile) => <Profile profile={profile} />}</QueryView>
      <Section title={t("profile.ratings")}>
        <Ratings username={username} />
      </Section>
    </Page>
  );
}

function Profile({ profile }: { profile: Schema<"PublicProfile"> }) {
  const { t } = useTranslation("account");
  const format = useFormat();
  return (
    <div className="mb-8">
      <p className="mb-2 flex flex-wrap gap-2">
        <Badge kind={profile.present ? "buy" : "plain"}>
          {profile.present ? t("profile.present") : t("profile.away")}
        </Badge>
        {profile.badges.map((badge) => (
          <Badge key={badge} kind="accent">
            {t(`badge.${badge}`)}
          </Badge>
        ))}
      </p>
      <Facts facts={listFacts(profile, format, t)} />
    </div>
  );
}

type Translate = ReturnType<typeof useTranslation<"account">>["t"];

function listFacts(profile: Schema<"PublicProfile">, format: Format, t: Translate) {
  const share = (rate: string | null) => (rate === null ? "-" : format.percent(Number(rate) / 100));
  const span = (seconds: number | null) => (seconds === null ? "-" : format.span(seconds));
  const score = profile.rating.score;
  return [
    [t("profile.trades"), format.number(profile.trades_completed)],
    [t("profile.people"), format.number(profile.counterparties)],
    [t("profile.completion"), share(profile.completion_rate)],
    [t("profile.completion30"), share(profile.completion_rate_30d)],
    [t("profile.pays"), span(profile.median_pay_s)],
    [t("profile.releases"), span(profile.median_release_s)],
    [t("profile.volume"), t(`volume.${profile.volume_band}`)],
    [
      t("profile.rating"),
      score === null
        ? "-"
        : t("profile.score", { score: format.decimal(score), count: profile.rating.raters }),
    ],
    [t("since"), format.date(profile.created_at)],
  ] as const;
}

function BlockButton({ username }: { username: string }) {
  const { t } = useTranslation("account");
  const client = useClient();
  const tell = useToast();
  const blocking = useCommand(
    (body: Schema<"NewBlock">, { key }) => client.post("/api/v1/me/blocks", { body, key }),
    { makesOld: [["me", "blocks"]], onDone: () => tell(t("blocks.done", { name: username })) },
  );
  return (
    <>
      <Button busy={blocking.isPending} onClick={() => blocking.mutate({ username })}>
        {t("blocks.block", { name: username })}
      </Button>
      <ProblemNote thrown={blocking.error} />
    </>
  );
}

function Ratings({ username }: { username: string }) {
  const { t } = useTranslation("account");
  const client = useClient();
  const format = useFormat();
  const query = usePages([...keys.user(username), "ratings"], (cursor, signal) =>
    client.get("/api/v1/users/{username}/ratings", {
      path: { username },
      query: cursor === undefined ? {} : { cursor },
      signal,
    }),
  );
  return (
    <QueryView query={query}>
      {() =>
        query.items?.length === 0 ? (
          <Empty title={t("profile.noRatings")} />
        ) : (
          <>
            <List label={t("profile.ratings")}>
              {query.items?.map((rating, at) => (
                <Row key={`${rating.created_at} ${String(at)}`}>
                  <span className="min-w-0">
                    <span className="font-medium">
                      {t("profile.stars", {
                        count: rating.stars,
                        stars: format.number(rating.stars),
                      })}
                    </span>
                    {rating.comment !== "" && (
                      <bdi className="block break-words text-muted">{rating.comment}</bdi>
                    )}
                  </span>
                  <span className="text-sm text-muted">
                    <Time at={rating.created_at} />
                  </span>
                </Row>
              ))}
            </List>
            <LoadMore query={query} />
          </>
        )
      }
    </QueryView>
  );
}
