/** Markets with their figures: a table, and on a phone a list of links. */

import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useFormat } from "@/i18n/format";
import { Badge, List } from "@/ui/layout";
import { Fiat, Money } from "@/ui/numbers";

import { type Figures, isTraded } from "./figures";

interface Props {
  label: string;
  figures: readonly Figures[];
}

export function FigureTable({ label, figures }: Props) {
  return (
    <>
      <div className="md:hidden">
        <NarrowList label={label} figures={figures} />
      </div>
      <div className="hidden md:block">
        <WideTable label={label} figures={figures} />
      </div>
    </>
  );
}

function Paused() {
  const { t } = useTranslation("public");
  return <Badge kind="warn">{t("markets.paused")}</Badge>;
}

/** A price, or a dash that is read out as what it means. */
function Price({ amount, currency }: { amount: string | null; currency: string }) {
  const { t } = useTranslation("public");
  if (amount === null) {
    return (
      <span className="text-muted">
        <span aria-hidden>–</span>
        <span className="sr-only">{t("markets.noPrice")}</span>
      </span>
    );
  }
  return <Fiat amount={amount} currency={currency} />;
}

function NarrowList({ label, figures }: Props) {
  const { t } = useTranslation("public");
  const format = useFormat();
  return (
    <List label={label}>
      {figures.map((one) => (
        <li key={one.market.id}>
          <Link
            to={`/markets/${one.market.id}`}
            className="flex min-h-14 items-center justify-between gap-x-4 py-2"
          >
            <span className="min-w-0">
              <span className="flex flex-wrap items-center gap-x-2 font-semibold">
                {one.market.id}
                {one.market.status === "paused" && <Paused />}
              </span>
              <span className="block text-sm text-muted">{one.currency}</span>
            </span>
            <span className="text-end">
              <Price amount={one.price} currency={one.market.currency} />
              {isTraded(one) && (
                <span className="block text-sm text-muted">
                  {t("markets.volumeOf", { amount: format.usdt(one.volume) })}
                </span>
              )}
            </span>
          </Link>
        </li>
      ))}
    </List>
  );
}

function WideTable({ label, figures }: Props) {
  const { t } = useTranslation("public");
  const heads = ["markets.last", "markets.buyAt", "markets.sellAt", "markets.volume"] as const;
  return (
    <table aria-label={label} className="w-full text-start">
      <thead>
        <tr className="border-b border-line text-sm text-muted">
          <th scope="col" className="p-2 text-start font-medium">
            {t("markets.market")}
          </th>
          {heads.map((head) => (
            <th key={head} scope="col" className="p-2 text-end font-medium">
              {t(head)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {figures.map((one) => (
          <tr key={one.market.id} className="border-b border-line">
            <th scope="row" className="p-2 text-start font-normal">
              <Link to={`/markets/${one.market.id}`} className="flex min-h-11 items-center">
                <span className="flex flex-wrap items-center gap-x-2">
                  <span className="font-semibold">{one.market.id}</span>
                  <span className="text-sm text-muted">{one.currency}</span>
                  {one.market.status === "paused" && <Paused />}
                </span>
              </Link>
            </th>
            {[one.price, one.ask, one.bid].map((amount, at) => (
              <td key={heads[at]} className="p-2 text-end">
                <Price amount={amount} currency={one.market.currency} />
              </td>
            ))}
            <td className="p-2 text-end">
              <Money usdt={one.volume} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
