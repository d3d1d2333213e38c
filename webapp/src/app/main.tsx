import "@/ui/app.css";

import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { RouterProvider } from "react-router/dom";

import { makeQueryClient } from "@/api/queries";
import { makeServices } from "@/api/services";
import { readTaste } from "@/api/storage";
import { loadTexts, startTexts } from "@/i18n";
import { pickLanguage } from "@/i18n/languages";

import { Providers } from "./providers";
import { makeRouter } from "./router";
import { startTheme } from "./theme";
import { startUpdates } from "./updates";

startTheme();
// A link may name its language, as those in search results do; it counts for this visit.
const named = new URLSearchParams(location.search).get("lang");
await startTexts(pickLanguage(named ?? readTaste("language"), navigator.languages));

const root = document.getElementById("root");
if (root === null) throw new Error("the page has no root");
createRoot(root).render(
  <StrictMode>
    <Providers services={makeServices()} queries={makeQueryClient()}>
      <RouterProvider router={makeRouter()} />
    </Providers>
  </StrictMode>,
);

void loadTexts("problems");
if (import.meta.env.PROD) void startUpdates();
