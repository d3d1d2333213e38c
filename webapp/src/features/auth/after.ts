/** What happens after a sign-in: taking the session over, and going where one wanted to go. */

import type { Schema } from "@iqx/contract";
import { useCallback } from "react";
import { useNavigate, useSearchParams } from "react-router";

import { useSession } from "@/api/session";
import { noteNewDevice, readDeviceToken } from "@/api/storage";

/** A path of ours from the address; anything that could lead elsewhere is dropped. */
export function safeNext(wanted: string | null): string {
  if (wanted === null || !/^\/(?![/\\])/.test(wanted)) return "/markets";
  const there = new URL(wanted, "http://here.invalid");
  return there.origin === "http://here.invalid" ? there.pathname + there.search : "/markets";
}

/** Take over what a sign-in answered, then go on. */
export function useArrive(): (reply: Schema<"SignedIn">, to?: string) => Promise<void> {
  const { begin } = useSession();
  const navigate = useNavigate();
  const [query] = useSearchParams();
  return useCallback(
    async (reply, to) => {
      // A registration makes its first device known; a later one has to wait.
      const other = reply.device_token !== null && reply.device_token !== readDeviceToken();
      if (to === undefined && other) noteNewDevice();
      await begin(reply);
      await navigate(to ?? safeNext(query.get("next")), { replace: true });
    },
    [begin, navigate, query],
  );
}

/** What identifies this browser to the server, for every way to sign in. */
export function browserSession(): { session: "cookie"; device_token?: string } {
  const token = readDeviceToken();
  return token === null ? { session: "cookie" } : { session: "cookie", device_token: token };
}
