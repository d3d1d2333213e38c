/** News between the tabs of one browser: a channel that only pages of our own origin hear. */

const CHANNEL = "iqx-session";

export type News = "signed_in" | "signed_out";

export interface Tabs {
  tell: (news: News) => void;
  close: () => void;
}

/** Join the other tabs; what one of them tells is heard by all others. */
export function joinTabs(hear: (news: News) => void): Tabs {
  const channel = new BroadcastChannel(CHANNEL);
  channel.onmessage = (message: MessageEvent<News>) => hear(message.data);
  return {
    tell: (news) => channel.postMessage(news),
    close: () => channel.close(),
  };
}
