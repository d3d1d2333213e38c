import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";

import { draw, ME } from "@/test/render";

import { routes } from "./index";
import { placeOf } from "./Notifications";

const PROOF = { proof: "proof", expires_at: "2099-01-01T00:00:00Z" };
const start = (at: string, replies = {}) =>
  draw(routes, { at, signedIn: true, texts: ["account"], replies });

const LIMITS = {
  steps: [],
  kyc_level: 1,
  day_limit: "200",
  day_used: "50",
  day_left: "150",
  next_day_limit: "20000",
  trade_cap: null,
  trades_completed: 3,
  open_unpaid: 0,
  open_unpaid_max: 1,
  trades_until_more: 2,
  second_factor_missing: false,
  terms_outdated: true,
  may_take: true,
  taking_blocked_until: null,
  may_sell: true,
  selling_blocked_until: null,
};

test("an account says what may be traded, what raises it, and asks for new terms", async () => {
  const { user, server } = await start("/account", {
    "GET /api/v1/me/limits": LIMITS,
    "GET /api/v1/me/terms": { accepted: 1, current: 2 },
    "POST /api/v1/me/terms": { accepted: 2, current: 2 },
  });
  expect(await screen.findByText("150.00 USDT")).toBeVisible();
  expect(screen.getByText(/20,000.00 USDT in 24 hours/)).toBeVisible();
  expect(screen.getByText(/After 2 more completed trades/)).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Accept the terms" }));
  const given = server.asked.find((one) => one.call === "POST /api/v1/me/terms");
  expect(given?.body).toEqual({ version: 2 });
});

test("a payment account is removed with a proof of exactly that request", async () => {
  const account = {
    id: "0190a000-0000-7000-8000-0000000000aa",
    payment_method_id: "momo",
    payment_method_name: "MoMo",
    currency: "VND",
    schema_version: 1,
    details: { phone: "•••• 4567" },
    holder_check: "agrees",
    created_at: "2026-01-01T00:00:00Z",
  };
  const call = `DELETE /api/v1/me/payment-accounts/${account.id}`;
  const { user, server } = await start("/account/payment-accounts", {
    "GET /api/v1/me/payment-accounts": { items: [account], next_cursor: null },
    "GET /api/v1/me/totp": { confirmed_at: "2026-01-01T00:00:00Z" },
    "GET /api/v1/me/passkeys": { items: [] },
    "POST /api/v1/auth/step-up": PROOF,
    [call]: null,
  });
  await user.click(await screen.findByRole("button", { name: "Remove the account at MoMo" }));
  await user.type(await screen.findByLabelText("Code of your authenticator app"), "123456");
  await user.click(screen.getByRole("button", { name: "Confirm that it is me" }));
  expect(await screen.findByText("The account was removed.")).toBeVisible();
  const proven = server.asked.find((one) => one.call === "POST /api/v1/auth/step-up");
  expect(proven?.body).toEqual({
    action: "payment_account",
    request: { method: "DELETE", path: `/api/v1/me/payment-accounts/${account.id}` },
    code: "123456",
  });
  const done = server.asked.find((one) => one.call === call);
  expect(done?.headers.get("Step-Up")).toBe("proof");
});

test("who leaves the proof has changed nothing", async () => {
  const { user, server } = await start("/account/privacy", {
    "GET /api/v1/me/blocks": { items: [], next_cursor: null },
    "GET /api/v1/me/exports": { items: [], next_cursor: null },
    "GET /api/v1/me/totp": { confirmed_at: "2026-01-01T00:00:00Z" },
    "GET /api/v1/me/passkeys": { items: [] },
  });
  await user.click(await screen.findByRole("button", { name: "Ask for a copy" }));
  const dialog = await screen.findByRole("dialog");
  await user.click(within(dialog).getByRole("button", { name: "Close" }));
  expect(screen.queryByRole("dialog")).toBeNull();
  expect(server.asked.map((one) => one.call)).not.toContain("POST /api/v1/me/exports");
});

test("recovery codes are shown once, when the authenticator app is confirmed", async () => {
  const none = { items: [], next_cursor: null };
  const { user } = await start("/account/security", {
    "GET /api/v1/me": { ...ME, second_factor: false },
    "GET /api/v1/me/totp": { confirmed_at: null },
    "GET /api/v1/me/passkeys": { items: [] },
    "GET /api/v1/me/recovery-codes": { left: 0 },
    "GET /api/v1/me/sessions": none,
    "POST /api/v1/auth/step-up": PROOF,
    "POST /api/v1/me/totp": { secret: "ABC", uri: "otpauth://totp/IQX", qr_svg: "" },
    "POST /api/v1/me/totp/confirm": { recovery_codes: ["aaaa-bbbb", "cccc-dddd"] },
  });
  await user.click(await screen.findByRole("button", { name: "Add an authenticator app" }));
  await user.type(await screen.findByLabelText("Password"), "secret words");
  await user.click(screen.getByRole("button", { name: "Confirm that it is me" }));
  expect(await screen.findByRole("img", { name: /QR code/ })).toBeVisible();
  await user.type(screen.getByLabelText("Code that the app shows"), "123456");
  await user.click(screen.getByRole("button", { name: "Use this app from now on" }));
  expect(await screen.findByText("cccc-dddd")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "I have kept them" }));
  expect(screen.queryByText("cccc-dddd")).toBeNull();
});

test("a key for programs is made with a proof of exactly that request, and shown once", async () => {
  const { user, server } = await start("/account/api-keys", {
    "GET /api/v1/me/api-keys": { items: [] },
    "GET /api/v1/me/totp": { confirmed_at: "2026-01-01T00:00:00Z" },
    "GET /api/v1/me/passkeys": { items: [] },
    "POST /api/v1/auth/step-up": PROOF,
    "POST /api/v1/me/api-keys": { key: "iqx_secret_key" },
  });
  await user.type(await screen.findByLabelText(/What it is for/), "prices");
  await user.click(screen.getByRole("button", { name: "Make the key" }));
  await user.type(await screen.findByLabelText("Code of your authenticator app"), "123456");
  await user.click(screen.getByRole("button", { name: "Confirm that it is me" }));
  const shown = await screen.findByText("iqx_secret_key");
  expect(shown).toBeVisible();
  const proven = server.asked.find((one) => one.call === "POST /api/v1/auth/step-up");
  expect(proven?.body).toEqual({
    action: "api_key",
    request: {
      method: "POST",
      path: "/api/v1/me/api-keys",
      body: { name: "prices", scopes: ["read"] },
    },
    code: "123456",
  });
  await user.click(screen.getByRole("button", { name: "Close" }));
  expect(screen.queryByText("iqx_secret_key")).toBeNull();
});

test("a notification leads to what it is about", () => {
  expect(placeOf({ subject: "trade", subject_id: "7" })).toBe("/trades/7");
  expect(placeOf({ subject: null, subject_id: null })).toBeNull();
  expect(placeOf({ subject: "export", subject_id: "7" })).toBeNull();
});
