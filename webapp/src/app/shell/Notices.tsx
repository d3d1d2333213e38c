/** What everybody must know, under the bar: no connection, parts stopped, a newer version. */

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";

import { useNow } from "@/api/clock";
import { useClient } from "@/api/services";
import { useMe } from "@/api/session";
import { dropNewDevice, isNewDevice } from "@/api/storage";
import { useFormat } from "@/i18n/format";
import { Button } from "@/ui/Button";

import { takeUpdate, useUpdate } from "../updates";

const STATUS_MS = 60_000;

export function Notices() {
  const { t } = useTranslation();
  const client = useClient();
  const me = useMe();
  const update = useUpdate();
  const online = useOnline();
  const status = useQuery({
    queryKey: ["status"],
    queryFn: ({ signal }) => client.get("/api/v1/status", { signal }),
    refetchInterval: STATUS_MS,
  });
  const stopped = status.data?.items.length ?? 0;
  return (
    <div aria-live="polite">
      {!online && <Notice>{t("offline.bar")}</Notice>}
      {stopped > 0 && (
        <Notice>
          {t("stopped", { count: stopped })}{" "}
          <Link to="/status" className="underline">
            {t("nav.status")}
          </Link>
        </Notice>
      )}
      <AccountNotices key={me?.id} />
      {update && (
        <Notice>
          {t("update.ready")}
          <Button onClick={takeUpdate}>{t("update.reload")}</Button>
        </Notice>
      )}
    </div>
  );
}

/** What the person can't do for a while, and why. */
function AccountNotices() {
  const { t } = useTranslation();
  const format = useFormat();
  const me = useMe();
  const nowMs = useNow(30);
  const [fresh, setFresh] = useState(isNewDevice);
  if (me === undefined) return null;
  const until = me.money_locked_until;
  const locked = until !== null && Date.parse(until) > nowMs;
  return (
    <>
      {locked && <Notice>{t("moneyLocked", { time: format.dateTime(until) })}</Notice>}
      {fresh && (
        <Notice>
          {t("newDevice")}
          <Button
            onClick={() => {
              dropNewDevice();
              setFresh(false);
            }}
          >
            {t("close")}
          </Button>
        </Notice>
      )}
    </>
  );
}

function Notice({ children }: { children: ReactNode }) {
  return (
    <div className="border-b border-line bg-raised">
      <div className="mx-auto flex max-w-[1280px] flex-wrap items-center gap-x-4 gap-y-1 px-4 py-2">
        {children}
      </div>
    </div>
  );
}

function useOnline(): boolean {
  const [online, setOnline] = useState(navigator.onLine);
  useEffect(() => {
    const look = () => setOnline(navigator.onLine);
    addEventListener("online", look);
    addEventListener("offline", look);
    return () => {
      removeEventListener("online", look);
      removeEventListener("offline", look);
    };
  }, []);
  return online;
}
