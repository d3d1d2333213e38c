import { expect, it } from "vitest";

import document from "../../openapi.json" with { type: "json" };
import { type FeedEvent, keysOf } from "../src";

const QUIET = new Set(["typing", "proposal_updated", "kyc_queue_changed"]);

function happened(event: string, room: string): FeedEvent {
  const filled = room.replace("{market}", "USDT-VND").replace("{id}", "1");
  return { room: filled, seq: 1, event, data: { id: "7" } } as unknown as FeedEvent;
}

it("makes something old for every event of people and markets in the document", () => {
  for (const [name, hook] of Object.entries(document.webhooks)) {
    const event = name.replace(/_in_(market|user|trade|staff)$/, "");
    for (const room of (hook.post as { "x-rooms": string[] })["x-rooms"]) {
      if (QUIET.has(event) || room === "market_updates" || room.startsWith("staff:")) continue;
      const old = keysOf(happened(event, room));
      if (event !== "book_updated") expect([name, old.length > 0]).toEqual([name, true]);
    }
  }
});

it("leaves other markets and trades alone", () => {
  expect(keysOf(happened("ticker_updated", "market:{market}"))).toEqual([
    ["markets", "USDT-VND", "ticker"],
  ]);
  expect(keysOf(happened("trade_paid", "trade:{id}"))).toEqual([["trade", "1"], ["trades"]]);
  expect(keysOf(happened("trade_updated", "user:{id}"))).toEqual([["trades"], ["trade", "7"]]);
});
