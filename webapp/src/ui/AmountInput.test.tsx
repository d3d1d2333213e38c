import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test } from "vitest";

import { AmountInput, readTyped, writeTyped } from "./AmountInput";
import { Field } from "./Field";

test.each([
  ["1,234.5", "en", "1234.5"],
  ["1.234,5", "vi", "1234.5"],
  ["١٬٢٣٤٫٥", "ar-EG", "1234.5"],
  ["0.000001", "en", "0.000001"],
  ["99999999999999.123456", "en", "99999999999999.123456"],
])("an amount typed as %s in %s is exact", (typed, locale, amount) => {
  expect(readTyped(typed, 6, locale)).toEqual({ amount, wrong: false });
});

test("more digits than the currency has are no amount", () => {
  expect(readTyped("1.234", 2, "en")).toEqual({ amount: null, wrong: true });
  expect(readTyped("-1", 2, "en")).toEqual({ amount: null, wrong: true });
  expect(readTyped("", 2, "en")).toEqual({ amount: null, wrong: false });
});

test("an amount is written with the places that it needs", () => {
  expect(writeTyped("1234567.50", 6, "en")).toBe("1,234,567.5");
  expect(writeTyped(null, 6, "en")).toBe("");
});

function Form() {
  const [amount, setAmount] = useState<string | null>(null);
  return (
    <Field label="Amount">
      <AmountInput value={amount} onChange={setAmount} places={6} unit="USDT" />
      <output>{amount ?? "none"}</output>
    </Field>
  );
}

test("what is typed stays as it is until the field is left", async () => {
  const user = userEvent.setup();
  render(<Form />);
  const field = screen.getByLabelText("Amount");
  await user.type(field, "1234.50");
  expect(field).toHaveValue("1234.50");
  expect(screen.getByRole("status")).toHaveTextContent("1234.5");
  await user.tab();
  expect(field).toHaveValue("1,234.5");
});

test("what is no amount stays to be mended", async () => {
  const user = userEvent.setup();
  render(<Form />);
  const field = screen.getByLabelText("Amount");
  await user.type(field, "12x");
  await user.tab();
  expect(field).toHaveValue("12x");
  expect(screen.getByRole("status")).toHaveTextContent("none");
});
