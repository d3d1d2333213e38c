/** The main pages, as both bars show them. */

import {
  ArrowLeftRight,
  ClipboardList,
  type LucideIcon,
  Store,
  UserRound,
  Wallet,
} from "lucide-react";

interface MainPage {
  to: string;
  label: "nav.market" | "nav.orders" | "nav.trades" | "nav.wallet" | "nav.account";
  icon: LucideIcon;
}

export const MAIN_PAGES: readonly MainPage[] = [
  { to: "/markets", label: "nav.market", icon: Store },
  { to: "/orders", label: "nav.orders", icon: ClipboardList },
  { to: "/trades", label: "nav.trades", icon: ArrowLeftRight },
  { to: "/wallet", label: "nav.wallet", icon: Wallet },
];

export const ACCOUNT_PAGE: MainPage = { to: "/account", label: "nav.account", icon: UserRound };
