import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { draw, problem } from "@/test/render";

import { Screen as Fees } from "./Fees";
import { type Figures, join, type Market, search } from "./figures";
import { Screen as Help } from "./Help";
import { Screen as Landing } from "./Landing";
import { Screen as MarketPage } from "./Market";
import { Screen as Markets } from "./Markets";
import { Screen as Status } from "./Status";

function market(id: string, more: Partial<Market> = {}): Market {
  return {
    id,
    asset: id.split("-")[0] ?? "",
    currency: id.split("-")[1] ?? "",
    minor_digits: 0,
    price_digits: 0,
    status: "open",
    maker_fee_ppm: 500,
    taker_fee_ppm: 1500,
    amount_min: "10.000000",
    amount_max: "50000.000000",
    band_bp: 2000,
    index: "26000",
    floating_on: true,
    index_read_at: null,
    ...more,
  };
}

const ticker = (name: string, more = {}) => ({
  ticker_id: name,
  base_currency: "USDT",
  target_currency: name.slice(5),
  last_price: null,
  base_volume: "0.000000",
  target_volume: "0",
  bid: null,
  ask: null,
  high: null,
  low: null,
  ...more,
});

const MARKETS = [
  market("USDT-NGN", { index: "1500", status: "paused" }),
  market("USDT-VND"),
  market("USDT_TEST-VND"),
];
const TICKERS = [
  ticker("USDT_NGN"),
  ticker("USDT_VND", { last_price: "26350", base_volume: "1200.000000", ask: "26400" }),
];
const REPLIES = {
  "GET /api/v1/markets": { items: MARKETS, next_cursor: null },
  "GET /api/v1/coingecko/tickers": TICKERS as never,
};
const routes = [
  { path: "/", Component: Landing },
  { path: "/markets", Component: Markets },
  { path: "/markets/:market", Component: MarketPage },
  { path: "/fees", Component: Fees },
  { path: "/help", Component: Help },
  { path: "/status", Component: Status },
];
const start = (at: string, replies = {}) =>
  draw(routes, { at, replies: { ...REPLIES, ...replies }, texts: ["public"] });

const names = (figures: Figures[]) => figures.map((one) => one.market.id);

test("the busiest market comes first, with its last price or else the index", () => {
  const joined = join(MARKETS.slice(0, 2), TICKERS, "en");
  expect(names(joined)).toEqual(["USDT-VND", "USDT-NGN"]);
  expect(joined.map((one) => one.price)).toEqual(["26350", "1500"]);
  expect(joined[0]).toMatchObject({ ask: "26400", bid: null, currency: "Vietnamese Dong" });
});

test.each([
  ["vnd", ["USDT-VND"]],
  ["  NAIRA", ["USDT-NGN"]],
  ["đông", ["USDT-VND"]],
  ["usdt", ["USDT-VND", "USDT-NGN"]],
  ["euro", []],
])("%s finds the markets that it names", (word, found) => {
  expect(names(search(join(MARKETS.slice(0, 2), TICKERS, "en"), word))).toEqual(found);
});

test("the landing page shows prices of real markets, and a visitor the way in", async () => {
  await start("/");
  const table = await screen.findByRole("table", { name: "Prices now" });
  const rows = within(table).getAllByRole("row").slice(1);
  expect(rows).toHaveLength(2);
  expect(rows[0]).toHaveTextContent(/USDT-VND.*26,350.*26,400.*No price yet.*1,200/);
  expect(rows[1]).toHaveTextContent("Paused");
  expect(screen.getByRole("link", { name: "Open an account" })).toHaveAttribute(
    "href",
    "/register",
  );
});

test("a search is kept in the address, and says when nothing fits", async () => {
  const { user, router } = await start("/markets?q=naira");
  const table = await screen.findByRole("table", { name: "Markets" });
  expect(within(table).getAllByRole("row")).toHaveLength(2);
  await user.type(screen.getByLabelText("Find a currency"), "x");
  expect(await screen.findByText("No market fits")).toBeVisible();
  expect(router.state.location.search).toBe("?q=nairax");
  await user.clear(screen.getByLabelText("Find a currency"));
  expect(router.state.location.search).toBe("");
});

test("prices that cannot be fetched are an error with a way to try again", async () => {
  const { server, user } = await start("/", {
    "GET /api/v1/coingecko/tickers": problem(503, "unavailable"),
  });
  const again = await screen.findByRole("button", { name: /again/i });
  server.replies["GET /api/v1/coingecko/tickers"] = TICKERS as never;
  await user.click(again);
  expect(await screen.findByRole("table", { name: "Prices now" })).toBeVisible();
});

test("fees are shown by market, with an example that is exact", async () => {
  await start("/fees");
  const table = await screen.findByRole("region", { name: "By market" });
  expect(table).toHaveTextContent("USDT-VND0.05%0.15%10.00 USDT50,000.00 USDT");
  expect(screen.getByText("100.05 USDT")).toBeVisible();
  expect(screen.getByText("99.85 USDT")).toBeVisible();
});

test("the address of a question opens its answer", async () => {
  await start("/help#otherName");
  const open = screen.getByText("The money came from another name.").closest("details");
  expect(open).toHaveAttribute("open");
  expect(screen.getByText("Can I cancel a trade?").closest("details")).not.toHaveAttribute("open");
});

test("the status says that everything works, or what is stopped and what it means", async () => {
  const nothing = { items: [], next_cursor: null };
  await start("/status", { "GET /api/v1/status": nothing, "GET /api/v1/outages": nothing });
  expect(await screen.findByText("Everything works")).toBeVisible();
  expect(screen.getByText("There was none.")).toBeVisible();
});

test("each stopped part and each outage has its sentence", async () => {
  const since = "2026-01-01T00:00:00Z";
  const parts = ["releases_stopped", "market:USDT-VND", "rail:vn-momo"];
  const outage = { id: "7", started_at: since, announced: true, reason: "", credited_at: since };
  await start("/status", {
    "GET /api/v1/status": { items: parts.map((name) => ({ switch: name, since })) },
    "GET /api/v1/outages": {
      items: [{ ...outage, ended_at: "2026-01-01T00:01:30Z" }],
      next_cursor: null,
    },
  });
  expect(await screen.findByText(/Releases are stopped/)).toBeVisible();
  expect(screen.getByText(/The market USDT-VND is stopped/)).toBeVisible();
  expect(screen.getByText(/The payment method vn-momo is stopped/)).toBeVisible();
  expect(await screen.findByText("1 min 30 sec")).toBeVisible();
  expect(screen.getByText("Open trades got the time back.")).toBeVisible();
});

const DAY = {
  market: "USDT-VND",
  last_price: "26350",
  high_24h: "26500",
  low_24h: null,
  volume_24h: "1200.000000",
  trades_24h: 7,
  best_bid: null,
  best_ask: "26400",
};
const TRADE = { market: "USDT-VND", price: "26350", amount: "12.5", taker_side: "buy" };

test("a market shows its day, its bounds and its last trades, and follows them live", async () => {
  const { feed } = await start("/markets/USDT-VND", {
    "GET /api/v1/markets/USDT-VND": market("USDT-VND", { status: "paused" }),
    "GET /api/v1/markets/USDT-VND/ticker": DAY,
    "GET /api/v1/markets/USDT-VND/trades": {
      items: [{ ...TRADE, completed_at: "2026-01-01T00:00:00Z" }],
      next_cursor: null,
    },
  });
  expect(await screen.findByText("Vietnamese Dong")).toBeVisible();
  expect(screen.getByText(/The market USDT-VND is stopped/)).toBeVisible();
  expect(await screen.findByText("VND 26,400")).toBeVisible();
  expect(screen.getAllByText("No price yet")).toHaveLength(2);
  const trades = await screen.findByRole("region", { name: "Last trades" });
  expect(trades).toHaveTextContent(/Bought.*VND 26,350.*12.50 USDT/);
  expect([...feed.readers.keys()]).toContain("market:USDT-VND");
});

test("a market that does not exist is told as such", async () => {
  await start("/markets/USDT-XXX");
  expect(await screen.findByRole("alert")).toBeVisible();
});
