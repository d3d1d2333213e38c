/** The frame of every screen: bars, notices, and the place of the screen itself. */

import { useTranslation } from "react-i18next";
import { Outlet, ScrollRestoration, useNavigation } from "react-router";

import { useFeed } from "@/api/feed";
import { useMe } from "@/api/session";

import { BottomBar } from "./BottomBar";
import { Notices } from "./Notices";
import { TopBar } from "./TopBar";

export function Shell() {
  const { t } = useTranslation();
  const me = useMe();
  // One's own room is read everywhere: balances, notifications and trades are never old.
  useFeed(me === undefined ? null : `user:${me.id}`);
  const going = useNavigation().state !== "idle";
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#main"
        className="sr-only focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:z-50 focus:rounded-md focus:bg-surface focus:p-3"
      >
        {t("skip")}
      </a>
      <TopBar />
      <Notices />
      <main
        id="main"
        tabIndex={-1}
        aria-busy={going}
        className="w-full grow pb-[calc(4rem+env(safe-area-inset-bottom))] md:pb-8"
      >
        <Outlet />
      </main>
      <BottomBar />
      <ScrollRestoration />
    </div>
  );
}
