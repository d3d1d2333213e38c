/** Routes whose screen and texts are loaded when somebody goes there. */

import type { ComponentType } from "react";
import { Navigate, Outlet, type RouteObject, useLocation } from "react-router";

import { useSession } from "@/api/session";
import { loadTexts } from "@/i18n";
import { SkeletonRows } from "@/ui/states";

type Load = () => Promise<{ Screen: ComponentType }>;

/** The `lazy` of a route: a module that exports `Screen`, and the texts of its feature. */
export function screen(feature: string, load: Load) {
  return async (): Promise<{ Component: ComponentType }> => {
    const [module] = await Promise.all([load(), loadTexts(feature)]);
    return { Component: module.Screen };
  };
}

/** Where somebody is sent to sign in, and comes back from. */
export function signInPath(from: { pathname: string; search: string }): string {
  return `/sign-in?next=${encodeURIComponent(from.pathname + from.search)}`;
}

function RequireSession() {
  const { phase } = useSession();
  const location = useLocation();
  if (phase === "resuming") {
    return (
      <div className="mx-auto max-w-2xl px-4 py-6">
        <SkeletonRows />
      </div>
    );
  }
  if (phase === "visitor") return <Navigate to={signInPath(location)} replace />;
  return <Outlet />;
}

/** Screens for who is signed in; everybody else signs in first and comes back. */
export function forMembers(routes: RouteObject[]): RouteObject {
  return { Component: RequireSession, children: routes };
}
