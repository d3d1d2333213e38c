import type { FeedState } from "@iqx/contract";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import { Button, MoneyButton } from "./Button";

test.each<FeedState>(["catching_up", "offline"])(
  "a money button does nothing while its room is %s, and says why",
  async (state) => {
    const release = vi.fn();
    render(
      <MoneyButton feed={state} onClick={release}>
        Release 100 USDT
      </MoneyButton>,
    );
    const button = screen.getByRole("button", { name: "Release 100 USDT" });
    expect(button).toHaveAttribute("aria-disabled", "true");
    expect(button).toHaveAccessibleDescription(/^Locked/);
    await userEvent.click(button);
    button.focus();
    await userEvent.keyboard("{Enter}");
    expect(release).not.toHaveBeenCalled();
  },
);

test("a locked money button submits no form", async () => {
  const submit = vi.fn((event: { preventDefault: () => void }) => event.preventDefault());
  render(
    <form onSubmit={submit}>
      <MoneyButton feed="offline" type="submit">
        Buy 20 USDT
      </MoneyButton>
    </form>,
  );
  await userEvent.click(screen.getByRole("button"));
  expect(submit).not.toHaveBeenCalled();
});

test("a money button acts while its room is live, unless something else locks it", async () => {
  const release = vi.fn();
  const { rerender } = render(
    <MoneyButton feed="live" onClick={release} lockedBecause="The name differs.">
      Release
    </MoneyButton>,
  );
  await userEvent.click(screen.getByRole("button"));
  expect(release).not.toHaveBeenCalled();
  rerender(
    <MoneyButton feed="live" onClick={release}>
      Release
    </MoneyButton>,
  );
  await userEvent.click(screen.getByRole("button"));
  expect(release).toHaveBeenCalledOnce();
});

test("a busy button cannot be pressed twice", () => {
  render(<Button busy>Send the code</Button>);
  expect(screen.getByRole("button")).toBeDisabled();
});
