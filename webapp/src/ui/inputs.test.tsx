import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { useState } from "react";
import { expect, test } from "vitest";

import { Field } from "./Field";
import { PasswordInput } from "./inputs";

function Form() {
  const [secret, setSecret] = useState("");
  return (
    <Field label="Password">
      <PasswordInput value={secret} onChange={setSecret} autoComplete="current-password" />
    </Field>
  );
}

test("a password is typed hidden, may be pasted whole, and is shown on wish alone", async () => {
  const user = userEvent.setup();
  render(<Form />);
  const field = screen.getByLabelText("Password");
  expect(field).toHaveAttribute("type", "password");
  expect(field).toHaveAttribute("autocomplete", "current-password");
  await user.click(field);
  await user.paste("four unrelated words, as a manager keeps them");
  expect(field).toHaveValue("four unrelated words, as a manager keeps them");
  await user.click(screen.getByRole("button", { name: "Show the password" }));
  expect(field).toHaveAttribute("type", "text");
  await user.click(screen.getByRole("button", { name: "Show the password" }));
  expect(field).toHaveAttribute("type", "password");
});
