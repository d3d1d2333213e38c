/** All routes. Each feature owns its own list; this file only puts them into the shell. */

import { createBrowserRouter, type RouteObject } from "react-router";

import { routes as account } from "@/features/account";
import { routes as auth } from "@/features/auth";
import { routes as desk } from "@/features/desk";
import { routes as disputes } from "@/features/disputes";
import { routes as learn } from "@/features/learn";
import { routes as market } from "@/features/market";
import { routes as orders } from "@/features/orders";
import { routes as publicPages } from "@/features/public";
import { routes as trade } from "@/features/trade";
import { routes as wallet } from "@/features/wallet";

import { ScreenFailed } from "./ErrorBoundary";
import { NotFound } from "./NotFound";
import { Shell } from "./shell/Shell";

const screens: RouteObject[] = [
  ...publicPages,
  ...market,
  ...orders,
  ...trade,
  ...wallet,
  ...account,
  ...disputes,
  ...desk,
  ...learn,
  ...auth,
  { path: "*", Component: NotFound },
];

export const routes: RouteObject[] = [
  {
    Component: Shell,
    HydrateFallback: () => null,
    errorElement: <ScreenFailed />,
    children: [{ errorElement: <ScreenFailed />, children: screens }],
  },
];

export function makeRouter() {
  return createBrowserRouter(routes);
}
