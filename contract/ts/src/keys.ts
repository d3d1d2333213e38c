/** Names under which answers are cached, and which of them an event makes old. */

import type { FeedEvent } from "./events";

export type QueryKey = readonly unknown[];

/** Keys of cached answers; a shorter key covers all that begin with it. */
export const keys = {
  me: () => ["me"] as const,
  limits: () => ["me", "limits"] as const,
  wallet: () => ["wallet"] as const,
  transactions: (filters: object = {}) => ["transactions", filters] as const,
  markets: () => ["markets"] as const,
  market: (market: string) => ["markets", market] as const,
  ticker: (market: string) => ["markets", market, "ticker"] as const,
  index: (market: string) => ["markets", market, "index"] as const,
  book: (market: string) => ["markets", market, "book"] as const,
  tape: (market: string) => ["markets", market, "tape"] as const,
  candles: (market: string, interval: string) => ["markets", market, "candles", interval] as const,
  publicOrders: (market: string, filters: object = {}) =>
    ["markets", market, "orders", filters] as const,
  ownOrders: (filters: object = {}) => ["orders", filters] as const,
  order: (id: string) => ["order", id] as const,
  skips: (id: string) => ["order", id, "skips"] as const,
  trades: (filters: object = {}) => ["trades", filters] as const,
  trade: (id: string) => ["trade", id] as const,
  messages: (trade: string) => ["trade", trade, "messages"] as const,
  disputes: (filters: object = {}) => ["disputes", filters] as const,
  dispute: (id: string) => ["dispute", id] as const,
  claims: (filters: object = {}) => ["claims", filters] as const,
  claim: (id: string) => ["claim", id] as const,
  notifications: (filters: object = {}) => ["notifications", filters] as const,
  paymentMethods: (currency: string) => ["payment-methods", currency] as const,
  paymentAccounts: () => ["me", "payment-accounts"] as const,
  user: (username: string) => ["user", username] as const,
};

/** The answers that an event makes old; a reader that patches one from the event leaves it out. */
export function keysOf(event: FeedEvent): QueryKey[] {
  const [kind, name = ""] = split(event.room);
  if (kind === "market") return keysOfMarket(event.event, name);
  if (kind === "trade") return keysOfTrade(event.event, name);
  if (kind === "user") return keysOfUser(event);
  return [];
}

function split(room: string): [string, string?] {
  const at = room.indexOf(":");
  return at < 0 ? [room] : [room.slice(0, at), room.slice(at + 1)];
}

function keysOfMarket(event: string, market: string): QueryKey[] {
  if (event.startsWith("order_")) return [["markets", market, "orders"]];
  if (event === "ticker_updated") return [keys.ticker(market)];
  if (event === "index_updated") return [keys.index(market), keys.market(market)];
  if (event === "switch_updated") return [keys.market(market)];
  if (event === "trade_completed") {
    return [keys.tape(market), ["markets", market, "candles"]];
  }
  return [];
}

function keysOfTrade(event: string, trade: string): QueryKey[] {
  if (event.startsWith("message_")) return [keys.messages(trade)];
  if (event === "typing") return [];
  return [keys.trade(trade), ["trades"]];
}

function keysOfUser(event: FeedEvent): QueryKey[] {
  const name: string = event.event;
  if (name.startsWith("order_")) {
    const id = (event.data as { id?: string }).id;
    return id === undefined ? [["orders"]] : [["orders"], keys.order(id)];
  }
  if (name.startsWith("trade_")) {
    const id = (event.data as { id?: string }).id;
    return id === undefined ? [["trades"]] : [["trades"], keys.trade(id)];
  }
  if (name === "balance_updated") return [keys.wallet(), ["transactions"], keys.limits()];
  if (name === "dispute_updated") return [["disputes"], ["dispute"]];
  if (name === "claim_updated") return [["claims"], ["claim"]];
  if (name === "notification_created") return [["notifications"]];
  return [];
}
