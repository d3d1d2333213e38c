import { describe, expect, it } from "vitest";

import vectors from "../../money-vectors.json" with { type: "json" };
import {
  feeDown,
  fiatForUsdtUp,
  formatAmount,
  formatDecimal,
  formatFiat,
  formatShort,
  formatUsdt,
  parseDecimal,
  parseTyped,
  readDecimal,
  scaleOf,
  usdtForFiatDown,
} from "../src";

describe("sums equal the service's", () => {
  it.each(vectors.texts)("reads $text with $places places", ({ text, places, value }) => {
    expect(parseDecimal(text, places)?.toString() ?? null).toBe(value);
  });

  it("computes every trade of the vectors to the last unit", () => {
    expect(vectors.trades.length).toBe(100);
    for (const trade of vectors.trades) {
      const scale = scaleOf(trade.minor_digits, trade.price_digits);
      const amount = readDecimal(trade.amount, 6);
      const ticks = readDecimal(trade.price, trade.price_digits);
      const fiat = readDecimal(trade.fiat, trade.minor_digits);
      expect(formatDecimal(fiatForUsdtUp(amount, ticks, scale), trade.minor_digits)).toBe(
        trade.fiat_for_amount,
      );
      expect(formatDecimal(usdtForFiatDown(fiat, ticks, scale), 6)).toBe(trade.amount_for_fiat);
      expect(formatDecimal(feeDown(amount, BigInt(trade.rate_ppm)), 6)).toBe(trade.fee);
    }
  });
});

describe("what people type", () => {
  it.each([
    ["1,234.5", "en", "1234500000"],
    ["1.234,5", "vi", "1234500000"],
    ["1234,5", "vi", "1234500000"],
    ["2.635.000", "vi", "2635000000000"],
    ["1 234,5", "fr", "1234500000"],
    ["١٬٢٣٤٫٥", "ar-EG", "1234500000"],
    ["1,00,000", "en-IN", "100000000000"],
    [" 007 ", "en", "7000000"],
    ["0.000001", "en", "1"],
  ])("%s in %s", (text, locale, micro) => {
    expect(parseTyped(text, 6, locale)?.toString()).toBe(micro);
  });

  it.each([
    ["1.5", "vi"],
    ["1,5", "en"],
    ["1.2.3", "en"],
    ["1,23", "en"],
    ["", "en"],
    [".", "en"],
    ["-1", "en"],
    ["1e3", "en"],
    ["0.0000001", "en"],
    ["12 USDT", "en"],
  ])("%s is no number in %s", (text, locale) => {
    expect(parseTyped(text, 6, locale)).toBeNull();
  });

  it("reads back what it writes", () => {
    for (const locale of ["en", "vi", "es", "pt-BR", "fr", "ar", "tr", "de-CH", "en-IN"]) {
      for (const value of [0n, 1n, 999_999n, 1_000_000n, 1_234_567_890_123n]) {
        expect(parseTyped(formatAmount(value, 6, locale), 6, locale)).toBe(value);
      }
    }
  });
});

describe("writing", () => {
  it("keeps every digit of numbers beyond a double", () => {
    expect(formatUsdt(9_007_199_254_740_993_000_001n, "en")).toBe(
      "9,007,199,254,740,993.000001\u00a0USDT",
    );
    expect(formatFiat(90_071_992_547_409_931n, "VND", 0, "vi")).toContain("90.071.992.547.409.931");
  });

  it("shows two places at least and no idle zeros", () => {
    expect(formatUsdt(100_000_000n, "en")).toBe("100.00\u00a0USDT");
    expect(formatShort(1_500_000n, 6)).toBe("1.5");
    expect(formatShort(2_000_000n, 6)).toBe("2");
    expect(formatShort(20n, 0)).toBe("20");
    expect(formatDecimal(-1n, 6)).toBe("-0.000001");
  });
});
