export { BookMirror, floatingTicks, type Rung, type Side } from "./book";
export type { Answer, CallOptions, Input, PathOf, Verb } from "./calls";
export { Client, type ClientConfig, newKey } from "./client";
export type { EventName, EventOf, FeedEvent } from "./events";
export { Feed, type FeedConfig, type FeedSocket, type FeedState, type RoomReader } from "./feed";
export type { components, operations, paths, webhooks } from "./generated";
export { keys, keysOf, type QueryKey } from "./keys";
export {
  feeDown,
  fiatForUsdtUp,
  formatAmount,
  formatDecimal,
  formatFiat,
  formatShort,
  formatUsdt,
  MICRO,
  parseDecimal,
  parseTyped,
  PPM,
  type PriceScale,
  readDecimal,
  scaleOf,
  USDT_DECIMALS,
  usdtForFiatDown,
} from "./money";
export { isProblem, Problem, type ProblemBody, readProblem } from "./problem";
export { type RefreshStore, Session, type TokenReply } from "./session";

import type { components } from "./generated";

/** A named shape of the document: `Schema<"Trade">`. */
export type Schema<N extends keyof components["schemas"]> = components["schemas"][N];
