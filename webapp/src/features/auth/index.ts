import type { RouteObject } from "react-router";

import { forMembers, screen } from "@/app/screen";

export const routes: RouteObject[] = [
  { path: "sign-in", lazy: screen("auth", () => import("./SignIn")) },
  { path: "register", lazy: screen("auth", () => import("./Register")) },
  { path: "forgot-password", lazy: screen("auth", () => import("./ForgotPassword")) },
  { path: "reset-password", lazy: screen("auth", () => import("./ResetPassword")) },
  forMembers([{ path: "verify", lazy: screen("auth", () => import("./Verify")) }]),
];
