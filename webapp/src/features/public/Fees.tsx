/** What a trade costs each side: the rules, an example, and every market. */

import { feeDown, MICRO } from "@iqx/contract";
import { useTranslation } from "react-i18next";

import { useFormat } from "@/i18n/format";
import { Facts, Page, Section, Table } from "@/ui/layout";
import { QueryView, SkeletonRows } from "@/ui/states";

import { type Market, PPM, useMarkets } from "./figures";

const RULES = ["each", "frozen", "none", "rails"] as const;
const EXAMPLE_MICRO = 100n * MICRO;

export function Screen() {
  const { t } = useTranslation("public");
  const markets = useMarkets();
  return (
    <Page title={t("fees.title")} lead={t("fees.lead")}>
      <ul className="mb-8 grid max-w-2xl list-disc gap-2 ps-5">
        {RULES.map((rule) => (
          <li key={rule}>{t(`fees.rules.${rule}`)}</li>
        ))}
      </ul>
      <QueryView query={markets} skeleton={<SkeletonRows rows={8} />}>
        {(found) => (
          <>
            {found[0] !== undefined && <Example market={found[0]} />}
            <FeeTable markets={found} />
          </>
        )}
      </QueryView>
    </Page>
  );
}

/** A trade of 100 USDT whose seller had the order: what leaves him, and what the buyer gets. */
function Example({ market }: { market: Market }) {
  const { t } = useTranslation("public");
  const format = useFormat();
  const maker = feeDown(EXAMPLE_MICRO, BigInt(market.maker_fee_ppm));
  const taker = feeDown(EXAMPLE_MICRO, BigInt(market.taker_fee_ppm));
  const amount = format.usdt(EXAMPLE_MICRO);
  return (
    <Section title={t("fees.example", { market: market.id, amount })}>
      <div className="max-w-2xl">
        <Facts
          facts={[
            [t("fees.sellerPays"), format.usdt(EXAMPLE_MICRO + maker)],
            [t("fees.sellerFee"), format.usdt(maker)],
            [t("fees.buyerFee"), format.usdt(taker)],
            [t("fees.buyerGets"), format.usdt(EXAMPLE_MICRO - taker)],
          ]}
        />
      </div>
    </Section>
  );
}

function FeeTable({ markets }: { markets: readonly Market[] }) {
  const { t } = useTranslation("public");
  const format = useFormat();
  return (
    <Section title={t("fees.byMarket")}>
      <Table
        label={t("fees.byMarket")}
        rows={markets}
        keyOf={(market) => market.id}
        columns={[
          {
            name: t("markets.market"),
            cell: (market) => <span className="whitespace-nowrap">{market.id}</span>,
          },
          {
            name: t("fees.maker"),
            end: true,
            cell: (market) => format.percent(market.maker_fee_ppm / PPM),
          },
          {
            name: t("fees.taker"),
            end: true,
            cell: (market) => format.percent(market.taker_fee_ppm / PPM),
          },
          { name: t("fees.least"), end: true, cell: (market) => format.usdt(market.amount_min) },
          { name: t("fees.most"), end: true, cell: (market) => format.usdt(market.amount_max) },
        ]}
      />
    </Section>
  );
}
