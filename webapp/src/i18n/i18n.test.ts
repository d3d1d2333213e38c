import { expect, test } from "vitest";

import { compare, findUnused, readShown } from "../../tools/check-texts.mjs";

import { writeDecimal, writeFiat, writeRelative, writeSpan, writeUsdt } from "./format";
import { changeLanguage, completePlurals } from "./index";
import { localeOf, pickLanguage } from "./languages";

test("the first language that we speak is taken, a kept one before all", () => {
  expect(pickLanguage(null, ["de-AT", "pt-BR", "en"])).toBe("pt");
  expect(pickLanguage("vi", ["pt-BR"])).toBe("vi");
  expect(pickLanguage("xx", ["de"])).toBe("en");
  expect(localeOf("es", ["en", "es-MX"])).toBe("es-MX");
  expect(localeOf("tr", ["en"])).toBe("tr");
});

test("Arabic is written from right to left, and the choice is kept", async () => {
  await changeLanguage("ar");
  expect(document.documentElement).toHaveAttribute("dir", "rtl");
  expect(localStorage.getItem("iqx.language")).toBe("ar");
  await changeLanguage("en");
  expect(document.documentElement).toHaveAttribute("dir", "ltr");
});

test("money keeps all its digits in every locale", () => {
  expect(writeUsdt("99999999999.000001", "en")).toBe("99,999,999,999.000001\u00a0USDT");
  expect(writeFiat("2635000", "VND", "vi")).toBe("2.635.000\u00a0VND");
  expect(writeFiat("10.5", "EUR", "fr")).toBe("10,50\u00a0EUR");
  expect(writeDecimal("26300.50", "en")).toBe("26,300.50");
});

test("spans and moments are told in two parts at most", () => {
  expect(writeSpan(3_900, "en")).toBe("1 hr 5 min");
  expect(writeSpan(0, "en")).toBe("0 sec");
  const nowMs = Date.parse("2026-01-01T12:00:00Z");
  expect(writeRelative("2026-01-01T11:57:00Z", nowMs, "en")).toBe("3 minutes ago");
  expect(writeRelative("2026-01-02T12:00:00Z", nowMs, "en")).toBe("tomorrow");
});

test("plural forms for millions are filled in", () => {
  expect(completePlurals({ a: { left_one: "un", left_other: "otros" } }, "es")).toEqual({
    a: { left_one: "un", left_other: "otros", left_many: "otros" },
  });
});

test("the check of texts finds what is missing, lost, unknown and untranslated", () => {
  const english = { a: "{{name}} pays", b_one: "One", b_other: "{{count}}", c: "Pay him now" };
  expect(compare(english, english, "en")).toEqual([]);
  const other = { a: "trả", b_other: "{{count}}", c: "Pay him now", d: "x" };
  expect(compare(english, other, "vi")).toEqual([
    "a lost {{name}}",
    "c is still English",
    "unknown d",
  ]);
  expect(compare(english, { a: "{{name}}", b_other: "", c: "x" }, "ar")).toContain("missing b_few");
});

test("the check of texts finds what no screen shows", () => {
  const shown = readShown('t("a.b"); t(`state.${state}`); t("auth:c");');
  const texts = { a: { b: "x" }, state: { open: "x" }, c: "x", d: "x" };
  expect(findUnused(texts, "auth", [shown])).toEqual(["d"]);
});
