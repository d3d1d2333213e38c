/** One market as everybody may see it: its price, its day, its bounds and its last trades. */

import { keys, type Schema } from "@iqx/contract";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useParams } from "react-router";

import { useFeed } from "@/api/feed";
import { useClient } from "@/api/services";
import { useFormat } from "@/i18n/format";
import { Badge, Facts, Note, Page, Section, Table } from "@/ui/layout";
import { Fiat, Money, Time } from "@/ui/numbers";
import { QueryView, SkeletonRows } from "@/ui/states";

import { type Market, PPM } from "./figures";

type Ticker = Schema<"Ticker">;

const TRADES = 20;

export function Screen() {
  const { t } = useTranslation("public");
  const { market = "" } = useParams();
  const client = useClient();
  useFeed(`market:${market}`);
  const query = useQuery({
    queryKey: keys.market(market),
    queryFn: ({ signal }) => client.get("/api/v1/markets/{market}", { path: { market }, signal }),
  });
  return (
    <Page title={market} lead={query.data && <Named market={query.data} />}>
      <QueryView query={query} skeleton={<SkeletonRows rows={8} />}>
        {(found) => (
          <>
            {found.status === "paused" && (
              <div className="mb-6">
                <Note kind="warn">{t("status.stopped.market", { name: found.id })}</Note>
              </div>
            )}
            <div className="grid gap-x-12 lg:grid-cols-2">
              <Day market={found} />
              <Bounds market={found} />
            </div>
            <Trades market={found} />
          </>
        )}
      </QueryView>
    </Page>
  );
}

function Named({ market }: { market: Market }) {
  const { locale } = useFormat();
  const names = new Intl.DisplayNames(locale, { type: "currency" });
  return names.of(market.currency) ?? market.currency;
}

/** The figures of 24 hours, from completed trades only. */
function Day({ market }: { market: Market }) {
  const { t } = useTranslation("public");
  const client = useClient();
  const query = useQuery({
    queryKey: keys.ticker(market.id),
    queryFn: ({ signal }) =>
      client.get("/api/v1/markets/{market}/ticker", { path: { market: market.id }, signal }),
  });
  return (
    <Section title={t("landing.today")}>
      <QueryView query={query} skeleton={<SkeletonRows rows={6} />}>
        {(ticker) => <DayFacts market={market} ticker={ticker} />}
      </QueryView>
    </Section>
  );
}

function DayFacts({ market, ticker }: { market: Market; ticker: Ticker }) {
  const { t } = useTranslation("public");
  const format = useFormat();
  const price = (amount: string | null) =>
    amount === null ? (
      <span className="font-normal text-muted">{t("markets.noPrice")}</span>
    ) : (
      <Fiat amount={amount} currency={market.currency} />
    );
  return (
    <Facts
      facts={[
        [t("markets.last"), price(ticker.last_price)],
        [t("markets.buyAt"), price(ticker.best_ask)],
        [t("markets.sellAt"), price(ticker.best_bid)],
        [t("market.index"), price(market.index)],
        [t("market.high"), price(ticker.high_24h)],
        [t("market.low"), price(ticker.low_24h)],
        [t("markets.volume"), <Money key="volume" usdt={ticker.volume_24h} />],
        [t("market.count"), format.number(ticker.trades_24h)],
      ]}
    />
  );
}

function Bounds({ market }: { market: Market }) {
  const { t } = useTranslation("public");
  const format = useFormat();
  return (
    <Section title={t("market.bounds")}>
      <Facts
        facts={[
          [t("fees.least"), format.usdt(market.amount_min)],
          [t("fees.most"), format.usdt(market.amount_max)],
          [t("market.makerFee"), format.percent(market.maker_fee_ppm / PPM)],
          [t("market.takerFee"), format.percent(market.taker_fee_ppm / PPM)],
        ]}
      />
    </Section>
  );
}

function Trades({ market }: { market: Market }) {
  const { t } = useTranslation("public");
  const client = useClient();
  const query = useQuery({
    queryKey: keys.tape(market.id),
    queryFn: ({ signal }) =>
      client.get("/api/v1/markets/{market}/trades", {
        path: { market: market.id },
        query: { limit: TRADES },
        signal,
      }),
  });
  return (
    <Section title={t("market.trades")}>
      <QueryView query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="text-muted">{t("market.noTrade")}</p>
          ) : (
            <Table
              label={t("market.trades")}
              rows={items.map((item, at) => ({ ...item, at }))}
              keyOf={(item) => `${item.completed_at} ${String(item.at)}`}
              columns={[
                {
                  name: t("market.when"),
                  cell: (item) => (
                    <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
                      <Time at={item.completed_at} /> <Taker side={item.taker_side} />
                    </span>
                  ),
                },
                {
                  name: t("market.price"),
                  end: true,
                  cell: (item) => <Fiat amount={item.price} currency={market.currency} size="sm" />,
                },
                {
                  name: t("market.amount"),
                  end: true,
                  cell: (item) => <Money usdt={item.amount} size="sm" />,
                },
              ]}
            />
          )
        }
      </QueryView>
    </Section>
  );
}

function Taker({ side }: { side: string }) {
  const { t } = useTranslation("public");
  return side === "buy" ? (
    <Badge kind="buy">{t("market.bought")}</Badge>
  ) : (
    <Badge kind="sell">{t("market.sold")}</Badge>
  );
}
