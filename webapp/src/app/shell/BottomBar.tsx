/** The main pages at the thumb, on a phone. */

import clsx from "clsx";
import { useTranslation } from "react-i18next";
import { NavLink } from "react-router";

import { ACCOUNT_PAGE, MAIN_PAGES } from "./pages";

export function BottomBar() {
  const { t } = useTranslation();
  return (
    <nav
      aria-label={t("nav.main")}
      className="fixed inset-x-0 bottom-0 z-40 flex border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
    >
      {[...MAIN_PAGES, ACCOUNT_PAGE].map(({ to, label, icon: Picture }) => (
        <NavLink
          key={to}
          to={to}
          className={({ isActive }) =>
            clsx(
              "grid min-h-14 min-w-0 grow basis-0 place-content-center justify-items-center text-xs",
              isActive ? "text-accent" : "text-muted",
            )
          }
        >
          <Picture aria-hidden size={22} />
          <span className="max-w-full truncate">{t(label)}</span>
        </NavLink>
      ))}
    </nav>
  );
}
