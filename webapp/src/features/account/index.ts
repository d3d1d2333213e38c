import type { RouteObject } from "react-router";

import { forMembers, screen } from "@/app/screen";

const at = (path: string, load: Parameters<typeof screen>[1]): RouteObject => ({
  path,
  lazy: screen("account", load),
});

export const routes: RouteObject[] = [
  at("u/:username", () => import("./PublicProfile")),
  forMembers([
    at("account", () => import("./Account")),
    at("account/payment-accounts", () => import("./PaymentAccounts")),
    at("account/security", () => import("./Security")),
    at("account/history", () => import("./SignIns")),
    at("account/notifications", () => import("./Notifications")),
    at("account/privacy", () => import("./Privacy")),
    at("account/api-keys", () => import("./ApiKeys")),
  ]),
];
