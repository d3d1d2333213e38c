/** The one client and the one feed of the page, and how components come by them. */

import { Client, Feed } from "@iqx/contract";
import { createContext, useContext } from "react";

import { currentLanguage } from "@/i18n";

/** What `useFeed` needs of the feed; tests give their own. */
export type FeedLike = Pick<
  Feed,
  "read" | "onState" | "state" | "start" | "restart" | "close" | "renew"
>;

export interface Services {
  client: Client;
  feed: FeedLike;
}

/** The server of this page's own origin. The access token stays in memory, the refresh token in a
 * cookie that no script reads. */
export function makeServices(): Services {
  const client = new Client({ baseUrl: "", language: currentLanguage });
  const feed = new Feed({ baseUrl: "", token: () => client.session.access() });
  return { client, feed };
}

const ServicesContext = createContext<Services | null>(null);

export const ServicesProvider = ServicesContext.Provider;

export function useServices(): Services {
  const services = useContext(ServicesContext);
  if (services === null) throw new Error("no services around this component");
  return services;
}

export function useClient(): Client {
  return useServices().client;
}
