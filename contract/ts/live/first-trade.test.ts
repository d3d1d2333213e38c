// The ten lines of docs/integrators/typescript.md, run against a server that was seeded.
import { expect, it } from "vitest";

import { Client } from "../src";

const baseUrl = process.env.IQX_URL ?? "http://localhost:8080";
const password = "usdt-for-everyone";

async function enter(name: string): Promise<Client> {
  let kept: string | null = null;
  const store = {
    read: () => Promise.resolve(kept),
    write: (token: string | null) => {
      kept = token;
      return Promise.resolve();
    },
  };
  const client = new Client({ baseUrl, store });
  await client.signIn({ identity: `${name}@example.com`, password });
  return client;
}

it("makes a first trade", async () => {
  const status = await firstTrade(await enter("bob"), await enter("alice"));
  expect(status).toBe("completed");
});

// begin
async function firstTrade(bob: Client, alice: Client) {
  const account = (await bob.get("/api/v1/me/payment-accounts")).items[0]!;
  const order = await bob.post("/api/v1/orders", { body: { market: "USDT-VND", side: "sell", amount: "50", pricing: { type: "fixed", price: "26300" }, payment_account_ids: [account.id], matching: "manual" } });
  const taken = await alice.post("/api/v1/orders/{id}/take", { path: order, body: { amount: "20", payment_method_id: account.payment_method_id, order_version: 1 } });
  const path = { id: taken.trades[0]!.id };
  await alice.post("/api/v1/trades/{id}/payer", { path, body: { payer_name: "Alice Nguyen" } });
  const { version } = await alice.post("/api/v1/trades/{id}/paid", { path, body: {} });
  const { proof } = await bob.post("/api/v1/auth/step-up", { body: { password, action: "release", subject_id: path.id, amount: "20", version } });
  return (await bob.post("/api/v1/trades/{id}/release", { path, body: { payer_name_seen: "Alice Nguyen" }, stepUp: proof })).status;
}
// end
