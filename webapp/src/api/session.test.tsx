import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";

import { forMembers } from "@/app/screen";
import { draw, problem } from "@/test/render";

import { useMe, useSession } from "./session";

function Own() {
  const me = useMe();
  const { signOut } = useSession();
  return (
    <>
      <p>{me === undefined ? "nobody" : `I am ${me.username}`}</p>
      <button onClick={() => void signOut()}>out</button>
      <button onClick={() => void signOut({ everywhere: true })}>everywhere</button>
    </>
  );
}

function Entry() {
  const { expired } = useSession();
  return <p>{expired ? "your session ended" : "please sign in"}</p>;
}

const routes = [
  { path: "/sign-in", Component: Entry },
  forMembers([{ path: "/own", Component: Own }]),
];
const start = (replies = {}) => draw(routes, { at: "/own", signedIn: true, replies });

test("the session of an earlier visit goes on, with the token in memory only", async () => {
  const { server } = await start();
  expect(await screen.findByText("I am alice")).toBeVisible();
  const refresh = server.asked.find((one) => one.call.endsWith("/auth/refresh"));
  expect(refresh?.headers.get("IQX-Session")).toBe("cookie");
  expect(Object.fromEntries(Object.entries(localStorage))).toEqual({ "iqx.signed-in": "yes" });
});

test("signing out clears what was kept here and asks the server", async () => {
  const { user, server, queries } = await start({ "POST /api/v1/auth/logout": null });
  await screen.findByText("I am alice");
  localStorage.setItem("iqx.templates", "[]");
  await user.click(screen.getByText("out"));
  expect(await screen.findByText("please sign in")).toBeVisible();
  expect(server.asked.some((one) => one.call === "POST /api/v1/auth/logout")).toBe(true);
  expect(Object.fromEntries(Object.entries(localStorage))).toEqual({});
  expect(queries.getQueryCache().findAll({ queryKey: ["me"] })).toEqual([]);
});

test("signing out everywhere ends the other sessions first", async () => {
  const { user, server } = await start({
    "DELETE /api/v1/me/sessions": null,
    "POST /api/v1/auth/logout": null,
  });
  await screen.findByText("I am alice");
  await user.click(screen.getByText("everywhere"));
  await screen.findByText("please sign in");
  const ends = server.asked.map((one) => one.call).filter((call) => /sessions|logout/.test(call));
  expect(ends).toEqual(["DELETE /api/v1/me/sessions", "POST /api/v1/auth/logout"]);
});

test("a session that ended leads to signing in, and says so", async () => {
  const { client, server } = await start();
  await screen.findByText("I am alice");
  server.replies["POST /api/v1/auth/refresh"] = problem(401, "refresh_refused");
  server.replies["GET /api/v1/wallet"] = problem(401, "unauthenticated");
  await client.get("/api/v1/wallet").catch(() => null);
  expect(await screen.findByText("your session ended")).toBeVisible();
});

test("another tab that signs out takes this one along", async () => {
  await start();
  await screen.findByText("I am alice");
  const other = new BroadcastChannel("iqx-session");
  other.postMessage("signed_out");
  await waitFor(() => expect(screen.getByText("please sign in")).toBeVisible());
  other.close();
});
