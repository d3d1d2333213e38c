/** How many notifications are unread, for bells and badges. */

import { keys } from "@iqx/contract";
import { useQuery } from "@tanstack/react-query";

import { useClient } from "./services";
import { useSession } from "./session";

/** Unread notifications, counted to a hundred; 0 for a visitor. */
export function useUnread(): number {
  const client = useClient();
  const { phase } = useSession();
  const query = useQuery({
    queryKey: keys.notifications({ unread: true, limit: 1 }),
    queryFn: ({ signal }) =>
      client.get("/api/v1/notifications", { query: { unread: true, limit: 1 }, signal }),
    enabled: phase === "signed_in",
  });
  return phase === "signed_in" ? (query.data?.unread ?? 0) : 0;
}
