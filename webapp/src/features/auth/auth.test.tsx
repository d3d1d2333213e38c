import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";

import { forMembers } from "@/app/screen";
import { draw, ME, problem } from "@/test/render";

import { safeNext } from "./after";
import { Screen as Register } from "./Register";
import { Screen as ResetPassword } from "./ResetPassword";
import { Screen as SignIn } from "./SignIn";
import { Screen as Verify } from "./Verify";

const routes = [
  { path: "/sign-in", Component: SignIn },
  { path: "/register", Component: Register },
  { path: "/reset-password", Component: ResetPassword },
  { path: "/verify", element: <p>verify here</p> },
  forMembers([{ path: "/trades/7", element: <p>the trade</p> }]),
  { path: "/markets", element: <p>the market</p> },
];
const SIGNED_IN = {
  access_token: "access",
  refresh_token: null,
  expires_in: 900,
  device_token: "device-1",
  user: ME,
};

const start = (at: string, replies = {}) => draw(routes, { at, replies, texts: ["auth"] });

test.each([
  ["/trades/7?a=1", "/trades/7?a=1"],
  [null, "/markets"],
  ["//evil.example", "/markets"],
  ["/\\evil.example", "/markets"],
  ["https://evil.example", "/markets"],
])("after signing in %s leads to %s", (wanted, path) => {
  expect(safeNext(wanted)).toBe(path);
});

test("who signs in with a second factor comes back to where he was", async () => {
  const waiting = { token: "waiting", methods: ["totp", "recovery_code"], expires_in: 300 };
  const { user, server } = await start("/trades/7", {
    "POST /api/v1/auth/login": { second_factor: waiting },
    "POST /api/v1/auth/login/second-factor": SIGNED_IN,
  });
  await user.type(await screen.findByLabelText(/E-mail address or/), "alice@example.com");
  await user.type(screen.getByLabelText("Password"), "correct horse");
  expect(screen.getByLabelText("Password")).toHaveAttribute("type", "password");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  await user.type(await screen.findByLabelText("Code"), "123 456");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  expect(await screen.findByText("the trade")).toBeVisible();
  const given = server.asked.find((one) => one.call.endsWith("second-factor"));
  expect(given?.body).toEqual({ token: "waiting", code: "123456", session: "cookie" });
  expect(localStorage.getItem("iqx.device")).toBe("device-1");
  expect(JSON.stringify([localStorage, sessionStorage])).not.toContain("access");
});

test("a wrong password is told, forgotten, and can be typed again", async () => {
  const { user } = await start("/sign-in", {
    "POST /api/v1/auth/login": problem(401, "wrong_credentials"),
  });
  await user.type(await screen.findByLabelText(/E-mail address or/), "alice@example.com");
  await user.type(screen.getByLabelText("Password"), "wrong");
  await user.click(screen.getByRole("button", { name: "Sign in" }));
  expect(await screen.findByRole("alert")).toBeVisible();
  expect(screen.getByLabelText("Password")).toHaveValue("");
});

test("what the server says of a field stands beside it", async () => {
  const { user } = await start("/register", {
    "POST /api/v1/auth/register": problem(422, "invalid", {
      errors: { username: ["Somebody has this name."] },
    }),
    "POST /api/v1/auth/password-strength": { score: 4, accepted: true, warning: "" },
  });
  await user.type(await screen.findByLabelText("E-mail address"), "alice@example.com");
  await user.type(screen.getByLabelText("Name that others see"), "alice");
  await user.type(screen.getByLabelText("Password"), "four unrelated words here");
  await user.click(screen.getByRole("button", { name: "Open the account" }));
  await waitFor(() =>
    expect(screen.getByLabelText("Name that others see")).toHaveAccessibleDescription(
      /Somebody has this name\./,
    ),
  );
});

test("the token of a reset leaves the address at once and is used once", async () => {
  const { user, server, router } = await start("/reset-password#secret-token", {
    "POST /api/v1/auth/reset-password": null,
    "POST /api/v1/auth/password-strength": { score: 3, accepted: true, warning: "" },
  });
  const field = await screen.findByLabelText("New password");
  await waitFor(() => expect(router.state.location.hash).toBe(""));
  await user.type(field, "four unrelated words");
  await user.click(screen.getByRole("button", { name: "Set the new password" }));
  expect(await screen.findByText(/The new password counts/)).toBeVisible();
  const given = server.asked.find((one) => one.call.endsWith("reset-password"));
  expect(given?.body).toEqual({ token: "secret-token", password: "four unrelated words" });
});

test("mailbox and telephone are confirmed by codes", async () => {
  const me = { ...ME, phone: null, phone_verified: false };
  const { user, server } = await draw([{ path: "/", Component: Verify }], {
    signedIn: true,
    texts: ["auth"],
    replies: {
      "GET /api/v1/me": () => me,
      "POST /api/v1/auth/verify/request": { expires_at: "2099-01-01T00:00:00Z" },
      "POST /api/v1/auth/verify/confirm": () => {
        Object.assign(me, ME);
        return { email_verified: true, phone_verified: true, kyc_level: 1 };
      },
    },
  });
  await user.type(await screen.findByLabelText("Number with country code"), "+84901234567");
  await user.click(screen.getByRole("button", { name: "Send the code" }));
  await user.type(await screen.findByLabelText("Six digits of the code"), "123456");
  await user.click(screen.getByRole("button", { name: "Confirm the code" }));
  expect(await screen.findByRole("link", { name: "Go to the market" })).toBeVisible();
  expect(server.asked.some((one) => one.call.endsWith("verify/confirm"))).toBe(true);
});
