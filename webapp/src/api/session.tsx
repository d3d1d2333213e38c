/** Who is signed in, in this tab and all others. */

import { keys, type Schema } from "@iqx/contract";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";

import { useServices } from "./services";
import { clearStorage, hasSession, keepDeviceToken, noteSession } from "./storage";
import { joinTabs, type Tabs } from "./tabs";

export type Phase = "resuming" | "visitor" | "signed_in";

interface SessionView {
  phase: Phase;
  /** The session ended although nobody here signed out. */
  expired: boolean;
  /** Take over what a sign-in answered. */
  begin: (reply: Schema<"SignedIn">) => Promise<void>;
  /** Sign out here. `everywhere` ends all other sessions too and forgets this device. */
  signOut: (options?: { everywhere?: boolean }) => Promise<void>;
}

const SessionContext = createContext<SessionView | null>(null);
/** The socket is given a newer token before the old one ends. */
const RENEW_MS = 60_000;

export function SessionProvider({ children }: { children: ReactNode }) {
  const { client, feed } = useServices();
  const queries = useQueryClient();
  const [phase, setPhase] = useState<Phase>(() => (hasSession() ? "resuming" : "visitor"));
  const [expired, setExpired] = useState(false);
  const leaving = useRef(false);
  const tabs = useRef<Tabs | null>(null);

  const forget = useCallback(() => {
    clearStorage();
    queries.clear();
  }, [queries]);

  const resume = useCallback(async () => {
    try {
      if (!(await client.session.resume())) {
        clearStorage();
        setPhase("visitor");
      }
    } catch {
      // The server cannot be asked now: who was signed in stays so, and the screens say so.
      setPhase((was) => (was === "resuming" ? "visitor" : was));
    }
  }, [client]);

  useEffect(() => {
    const stop = client.session.onChange((signedIn) => {
      if (signedIn) noteSession();
      else forget();
      setPhase(signedIn ? "signed_in" : "visitor");
      setExpired(!signedIn && !leaving.current);
      feed.restart();
    });
    feed.start();
    if (hasSession()) void resume();
    return stop;
  }, [client, feed, forget, resume]);

  useEffect(() => {
    const joined = joinTabs((news) => {
      leaving.current = true;
      void client.session.end().then(async () => {
        leaving.current = false;
        if (news === "signed_in") await resume();
      });
    });
    tabs.current = joined;
    return () => joined.close();
  }, [client, resume]);

  useRenewal(phase);

  const begin = useCallback(
    async (reply: Schema<"SignedIn">) => {
      queries.clear();
      keepDeviceToken(reply.device_token);
      await client.session.start(reply);
      queries.setQueryData(keys.me(), reply.user);
      tabs.current?.tell("signed_in");
    },
    [client, queries],
  );

  const signOut = useCallback(
    async ({ everywhere = false }: { everywhere?: boolean } = {}) => {
      leaving.current = true;
      try {
        if (everywhere) await client.delete("/api/v1/me/sessions");
        await client.signOut();
        if (everywhere) clearStorage({ device: true });
      } finally {
        leaving.current = false;
        tabs.current?.tell("signed_out");
      }
    },
    [client],
  );

  const view = useMemo(
    () => ({ phase, expired, begin, signOut }),
    [phase, expired, begin, signOut],
  );
  return <SessionContext value={view}>{children}</SessionContext>;
}

/** Keep the open socket alive with newer tokens while somebody is signed in. */
function useRenewal(phase: Phase): void {
  const { client, feed } = useServices();
  useEffect(() => {
    if (phase !== "signed_in") return;
    let given: string | null = null;
    const timer = setInterval(() => {
      void client.session
        .access()
        .then(async (token) => {
          if (token === null || token === given) return;
          if (await feed.renew(token)) given = token;
        })
        .catch(() => null);
    }, RENEW_MS);
    return () => clearInterval(timer);
  }, [client, feed, phase]);
}

export function useSession(): SessionView {
  const view = useContext(SessionContext);
  if (view === null) throw new Error("no session around this component");
  return view;
}

/** The signed-in user; `undefined` for a visitor and while loading. */
export function useMe(): Schema<"User"> | undefined {
  const { client } = useServices();
  const { phase } = useSession();
  const query = useQuery({
    queryKey: keys.me(),
    queryFn: ({ signal }) => client.get("/api/v1/me", { signal }),
    enabled: phase === "signed_in",
  });
  return phase === "signed_in" ? query.data : undefined;
}
