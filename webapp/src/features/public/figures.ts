/** The markets of real USDT with their figures of today, as everybody may see them. */

import { type Client, readDecimal, type Schema, USDT_DECIMALS } from "@iqx/contract";
import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";

import { useClient } from "@/api/services";
import { useLocale } from "@/i18n";

export type Market = Schema<"Market">;

export interface Figures {
  market: Market;
  /** The currency in the reader's words. */
  currency: string;
  /** The last price, or the index where nothing was traded yet. */
  price: string | null;
  /** What one pays for a USDT now, and what one gets for it. */
  ask: string | null;
  bid: string | null;
  /** Of 24 hours, in USDT. */
  volume: string;
}

interface Found {
  markets: Market[];
  tickers: Schema<"AggregatorTicker">[];
}

const FIGURES_MS = 15_000;
const REAL = "USDT";
/** Fees are told in parts per million. */
export const PPM = 1_000_000;

/** Every market of real USDT; there are few enough for one look. */
async function listMarkets(client: Client, signal: AbortSignal): Promise<Market[]> {
  const found: Market[] = [];
  let cursor: string | null = null;
  do {
    const query: { limit: number; cursor?: string } = { limit: 100 };
    if (cursor !== null) query.cursor = cursor;
    const page: Schema<"MarketPage"> = await client.get("/api/v1/markets", { query, signal });
    found.push(...page.items);
    cursor = page.next_cursor;
  } while (cursor !== null);
  return found.filter((market) => market.asset === REAL);
}

function describeMarkets(client: Client) {
  return queryOptions({
    queryKey: ["markets", "all"],
    queryFn: ({ signal }) => listMarkets(client, signal),
  });
}

export function useMarkets() {
  return useQuery(describeMarkets(useClient()));
}

/** Markets with their figures, busiest first; they are looked at again every 15 seconds. */
export function useFigures() {
  const client = useClient();
  const queries = useQueryClient();
  const locale = useLocale();
  return useQuery({
    queryKey: ["markets", "figures"],
    queryFn: async ({ signal }) => {
      const [markets, tickers] = await Promise.all([
        queries.query({ ...describeMarkets(client), staleTime: "static" }),
        client.get("/api/v1/coingecko/tickers", { signal }),
      ]);
      return { markets, tickers };
    },
    select: useCallback((found: Found) => join(found.markets, found.tickers, locale), [locale]),
    refetchInterval: FIGURES_MS,
  });
}

/** Each market with its ticker: the busiest first, then those with offers, then by name. */
export function join(
  markets: readonly Market[],
  tickers: readonly Schema<"AggregatorTicker">[],
  locale: string,
): Figures[] {
  const byMarket = new Map(tickers.map((one) => [one.ticker_id.replace("_", "-"), one]));
  const names = new Intl.DisplayNames(locale, { type: "currency" });
  const joined = markets.map((market) => {
    const ticker = byMarket.get(market.id);
    return {
      market,
      currency: names.of(market.currency) ?? market.currency,
      price: ticker?.last_price ?? market.index,
      ask: ticker?.ask ?? null,
      bid: ticker?.bid ?? null,
      volume: ticker?.base_volume ?? "0",
    };
  });
  return joined.sort((one, other) => {
    const [mine, theirs] = [readVolume(one), readVolume(other)];
    if (mine !== theirs) return mine > theirs ? -1 : 1;
    const [offered, offeredThere] = [countSides(one), countSides(other)];
    if (offered !== offeredThere) return offeredThere - offered;
    return one.market.id < other.market.id ? -1 : 1;
  });
}

/** How many sides of the book somebody stands on. */
function countSides({ ask, bid }: Figures): number {
  return Number(ask !== null) + Number(bid !== null);
}

export function isTraded(figures: Figures): boolean {
  return readVolume(figures) > 0n;
}

function readVolume(figures: Figures): bigint {
  return readDecimal(figures.volume, USDT_DECIMALS);
}

/** Those that a word fits: a code, a part of the currency's name. */
export function search(figures: readonly Figures[], word: string): Figures[] {
  const wanted = plain(word);
  return figures.filter(({ market, currency }) =>
    plain(`${market.id} ${currency}`).includes(wanted),
  );
}

/** Without case and marks, as people type in a hurry. */
function plain(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").replace(/đ/giu, "d").trim().toLowerCase();
}
