import type { RouteObject } from "react-router";

import { screen } from "@/app/screen";

export const routes: RouteObject[] = [
  { index: true, lazy: screen("public", () => import("./Landing")) },
  { path: "markets", lazy: screen("public", () => import("./Markets")) },
  { path: "markets/:market", lazy: screen("public", () => import("./Market")) },
  { path: "fees", lazy: screen("public", () => import("./Fees")) },
  { path: "help", lazy: screen("public", () => import("./Help")) },
  { path: "status", lazy: screen("public", () => import("./Status")) },
];
