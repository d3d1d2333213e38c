import { expect, test } from "vitest";

import {
  clearStorage,
  hasSession,
  keepDeviceToken,
  noteNewDevice,
  noteSession,
  readDeviceToken,
} from "./storage";

test("signing out leaves nothing that tells who was here", () => {
  noteSession();
  keepDeviceToken("device");
  noteNewDevice();
  localStorage.setItem("iqx.theme", "dark");
  localStorage.setItem("iqx.templates", "[]");
  clearStorage();
  expect(Object.fromEntries(Object.entries(localStorage))).toEqual({
    "iqx.theme": "dark",
    "iqx.device": "device",
  });
  expect(sessionStorage).toHaveLength(0);
  expect(hasSession()).toBe(false);
});

test("signing out everywhere forgets the device as well", () => {
  keepDeviceToken("device");
  clearStorage({ device: true });
  expect(readDeviceToken()).toBeNull();
});
