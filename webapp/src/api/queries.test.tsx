import { Problem } from "@iqx/contract";
import { QueryClientProvider } from "@tanstack/react-query";
import { act, renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test, vi } from "vitest";

import { type Given, makeQueryClient, useCommand } from "./queries";

function drawCommand(run: (input: object, given: Given) => Promise<string>) {
  const queries = makeQueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>{children}</QueryClientProvider>
  );
  return renderHook(() => useCommand(run), { wrapper }).result;
}

async function give(
  command: { current: ReturnType<typeof useCommand<object, string>> },
  input: object,
) {
  await act(async () => {
    await command.current.mutateAsync(input).catch(() => null);
  });
}

const lost = new Problem({ status: 0, code: "timeout", title: "late" });
const refused = new Problem({ status: 409, code: "order_changed", title: "changed" });

test("a command whose outcome is unknown keeps its key while it is the same", async () => {
  const keys: string[] = [];
  const run = vi.fn((_: object, { key }: Given) => {
    keys.push(key);
    return keys.length < 3 ? Promise.reject(lost) : Promise.resolve("done");
  });
  const command = drawCommand(run);
  await give(command, { amount: "20" });
  await give(command, { amount: "20" });
  await give(command, { amount: "30" });
  await give(command, { amount: "30" });
  expect(keys[1]).toBe(keys[0]);
  expect(keys[2]).not.toBe(keys[0]);
  // It was done: the same again is another command.
  expect(keys[3]).not.toBe(keys[2]);
});

test("a refused command has another key when it is given again", async () => {
  const keys: string[] = [];
  const command = drawCommand((_, { key }) => {
    keys.push(key);
    return Promise.reject(refused);
  });
  await give(command, { amount: "20" });
  await give(command, { amount: "20" });
  expect(keys[1]).not.toBe(keys[0]);
});
