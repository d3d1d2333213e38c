import { screen } from "@testing-library/react";
import { expect, test } from "vitest";

import { draw } from "@/test/render";

import { Shell } from "./Shell";

const routes = [
  {
    Component: Shell,
    children: [
      { path: "/", element: <p>the landing page</p> },
      { path: "/anywhere", element: <p>some screen</p> },
    ],
  },
];

test("every screen offers to sign out to who is signed in", async () => {
  const { user, server } = await draw(routes, {
    at: "/anywhere",
    signedIn: true,
    replies: { "POST /api/v1/auth/logout": null },
  });
  expect(await screen.findByText("some screen")).toBeVisible();
  await user.click(await screen.findByRole("button", { name: /alice/ }));
  await user.click(screen.getByRole("button", { name: "Sign out" }));
  expect(await screen.findByText("the landing page")).toBeVisible();
  expect(server.asked.some((one) => one.call === "POST /api/v1/auth/logout")).toBe(true);
});
