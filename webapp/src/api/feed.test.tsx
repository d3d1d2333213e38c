import { type FeedEvent, keys, Problem } from "@iqx/contract";
import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { act, render, screen, waitFor } from "@testing-library/react";
import { expect, test, vi } from "vitest";

import { FakeFeed } from "@/test/render";

import { keysOfRoom, Sweeper, useFeed } from "./feed";
import { makeQueryClient } from "./queries";
import { ServicesProvider, type Services } from "./services";

test("many events of a moment cost one fetch of each answer", () => {
  vi.useFakeTimers();
  const swept = vi.fn();
  const sweeper = new Sweeper(swept, 100);
  for (let count = 0; count < 50; count += 1) sweeper.touch([keys.trade("a"), ["trades"]]);
  vi.advanceTimersByTime(100);
  expect(swept.mock.calls).toEqual([[["trade", "a"]], [["trades"]]]);
  sweeper.touch([["trades"]]);
  sweeper.stop();
  vi.advanceTimersByTime(1000);
  expect(swept).toHaveBeenCalledTimes(2);
  vi.useRealTimers();
});

test("every room names the answers that it keeps current", () => {
  expect(keysOfRoom("market:USDT-VND")).toEqual([["markets", "USDT-VND"]]);
  expect(keysOfRoom("trade:7")).toEqual([["trade", "7"], ["trades"]]);
  expect(keysOfRoom("user:7")).toContainEqual(["wallet"]);
  expect(keysOfRoom("user:7")).toContainEqual(["notifications"]);
});

function drawRoom(load: () => Promise<string>) {
  const feed = new FakeFeed();
  function Room() {
    const room = useFeed("trade:7");
    const query = useQuery({ queryKey: keys.trade("7"), queryFn: load });
    return <p>{`${room.state} ${query.data ?? "-"}`}</p>;
  }
  render(
    <ServicesProvider value={{ feed } as unknown as Services}>
      <QueryClientProvider client={makeQueryClient()}>
        <Room />
      </QueryClientProvider>
    </ServicesProvider>,
  );
  return feed;
}

const PAID = { room: "trade:7", seq: 4, event: "trade_paid", data: {} } as unknown as FeedEvent;

test("an event has what it makes old fetched again", async () => {
  let count = 0;
  const feed = drawRoom(() => Promise.resolve(`answer ${String((count += 1))}`));
  expect(await screen.findByText("live answer 1")).toBeVisible();
  act(() => feed.readers.get("trade:7")?.onEvent(PAID));
  expect(await screen.findByText("live answer 2")).toBeVisible();
});

test("a room is not loaded while its answers cannot be fetched", async () => {
  const lost = new Problem({ status: 0, code: "network", title: "away" });
  const load = vi.fn(() => Promise.reject(lost));
  const feed = drawRoom(load);
  await waitFor(() => expect(load).toHaveBeenCalled());
  const loading = act(async () => {
    await expect(feed.readers.get("trade:7")?.load()).rejects.toBe(lost);
  });
  await loading;
});
