/** The bar at the top: on wide screens the main pages, everywhere connection, settings and account. */

import clsx from "clsx";
import { Bell, Settings2 } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, NavLink } from "react-router";

import { useUnread } from "@/api/notifications";
import { useMe, useSession } from "@/api/session";
import { changeLanguage, currentLanguage } from "@/i18n";
import { LANGUAGES, type Language } from "@/i18n/languages";
import { ButtonLink } from "@/ui/Button";
import { Menu, MenuChoice } from "@/ui/Menu";

import { changeTheme, THEMES, useTheme } from "../theme";
import { AccountMenu } from "./AccountMenu";
import { Connection } from "./Connection";
import { MAIN_PAGES } from "./pages";

export function TopBar() {
  const { t } = useTranslation();
  const { phase } = useSession();
  return (
    <header className="sticky top-0 z-40 border-b border-line bg-surface">
      <div className="mx-auto flex h-14 max-w-[1280px] items-center gap-1 px-4">
        <Link to="/" className="me-4 flex min-h-11 items-center text-lg font-bold">
          IQX
        </Link>
        <nav aria-label={t("nav.main")} className="hidden md:flex">
          {MAIN_PAGES.map((page) => (
            <NavLink
              key={page.to}
              to={page.to}
              className={({ isActive }) =>
                clsx(
                  "flex min-h-11 items-center px-3 font-medium",
                  isActive ? "text-accent" : "text-muted",
                )
              }
            >
              {t(page.label)}
            </NavLink>
          ))}
        </nav>
        <div className="ms-auto flex items-center gap-1">
          <Connection />
          <Inbox />
          <Tastes />
          {phase === "signed_in" && <AccountMenu />}
          {phase === "visitor" && (
            <ButtonLink kind="primary" to="/sign-in">
              {t("nav.signIn")}
            </ButtonLink>
          )}
        </div>
      </div>
    </header>
  );
}

function Inbox() {
  const { t } = useTranslation();
  const me = useMe();
  const unread = useUnread();
  if (me === undefined) return null;
  return (
    <Link
      to="/account/notifications"
      aria-label={t("nav.inbox", { count: unread })}
      className="relative grid size-11 place-items-center rounded-md"
    >
      <Bell aria-hidden size={20} />
      {unread > 0 && (
        <span
          aria-hidden
          className="absolute end-0.5 top-1 min-w-5 rounded-full bg-accent px-1 text-center text-xs text-on-accent"
        >
          {unread > 99 ? "99+" : unread}
        </span>
      )}
    </Link>
  );
}

/** Language and theme. */
function Tastes() {
  const { t } = useTranslation();
  const theme = useTheme();
  const languages = (Object.keys(LANGUAGES) as Language[]).map((value) => ({
    value,
    label: LANGUAGES[value],
    lang: value,
  }));
  return (
    <Menu label={t("nav.tastes")} icon={<Settings2 aria-hidden size={20} />}>
      <MenuChoice
        label={t("theme.label")}
        value={theme}
        options={THEMES.map((value) => ({ value, label: t(`theme.${value}`) }))}
        onChange={changeTheme}
      />
      <MenuChoice
        label={t("language")}
        value={currentLanguage()}
        options={languages}
        onChange={(language) => void changeLanguage(language)}
      />
    </Menu>
  );
}
