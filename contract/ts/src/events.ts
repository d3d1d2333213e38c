/** Types of the events, read from the generated webhooks: one member of a union for each. */

import type { webhooks } from "./generated";

type BodyOf<W> = W extends {
  post: { requestBody: { content: { "application/json": infer E } } };
}
  ? E
  : never;

/** Any event as it comes over a socket: `{room, seq, event, data}`, told apart by `event`. */
export type FeedEvent = { [N in keyof webhooks]: BodyOf<webhooks[N]> }[keyof webhooks];

export type EventName = FeedEvent["event"];

/** The events of one name. */
export type EventOf<N extends EventName> = Extract<FeedEvent, { event: N }>;
