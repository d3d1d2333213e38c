import "@testing-library/jest-dom/vitest";

import { cleanup } from "@testing-library/react";
import { afterEach, beforeAll, vi } from "vitest";

import { loadTexts, startTexts } from "@/i18n";

// jsdom draws no dialogs: this much of them is needed to know whether one is open.
HTMLDialogElement.prototype.showModal = function showModal() {
  this.open = true;
};
HTMLDialogElement.prototype.close = function close() {
  this.open = false;
};
Element.prototype.scrollIntoView = vi.fn();
globalThis.ResizeObserver = class {
  observe() {
    // Nothing changes its size here.
  }
  unobserve() {
    // Nothing changes its size here.
  }
  disconnect() {
    // Nothing changes its size here.
  }
};

beforeAll(async () => {
  await startTexts("en");
  await loadTexts("problems");
});

afterEach(() => {
  cleanup();
  localStorage.clear();
  sessionStorage.clear();
});
