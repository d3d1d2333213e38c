import { expect, it } from "vitest";

import { BookMirror, floatingTicks } from "../src";

const LEVEL = { margin_bp: null, orders: 1, amount: "10.000000" };
const BOOK = {
  market: "USDT-VND",
  number: 7,
  seq: 20,
  bids: [{ ...LEVEL, price: "26000" }],
  asks: [
    { ...LEVEL, price: "26300" },
    { price: null, margin_bp: 50, amount: "5.000000", orders: 2 },
  ],
};

function change(from: number, to: number, asks: object[] = []) {
  return { market: "USDT-VND", from, to, bids: [], asks: asks as never };
}

it("orders fixed and floating levels by what they cost now", () => {
  const book = new BookMirror(BOOK, 0);
  expect(book.ladder("asks", 26_000n).map((rung) => rung.ticks)).toEqual([26_130n, 26_300n]);
  expect(book.ladder("asks", 26_500n).map((rung) => rung.ticks)).toEqual([26_300n, 26_633n]);
  expect(book.ladder("asks", null)).toHaveLength(1);
  expect(book.ladder("bids", 26_000n)[0]?.amountMicro).toBe(10_000_000n);
});

it("follows changes, knows old ones, and says when one is missing", () => {
  const book = new BookMirror(BOOK, 0);
  expect(book.apply(change(6, 7, [{ ...LEVEL, price: "1" }]))).toBe(true);
  expect(book.apply(change(7, 9, [{ ...LEVEL, price: "26300", orders: 0, amount: "0" }]))).toBe(true);
  expect(book.ladder("asks", 26_000n).map((rung) => rung.marginBp)).toEqual([50]);
  expect(book.apply(change(10, 11))).toBe(false);
});

it("rounds floating prices in their owner's favour", () => {
  expect(floatingTicks(26_001n, 1, "asks")).toBe(26_004n);
  expect(floatingTicks(26_001n, 1, "bids")).toBe(26_003n);
  expect(floatingTicks(26_001n, -1, "asks")).toBe(25_999n);
});
