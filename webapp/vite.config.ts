/// <reference types="vitest/config" />
import { fileURLToPath } from "node:url";
import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";

const SERVER = "http://localhost:8080";

/** Writes sw.js beside index.html and tells it which hashed files make up the shell. */
function serviceWorker(): Plugin {
  return {
    name: "iqx-service-worker",
    apply: "build",
    buildStart() {
      this.emitFile({ type: "chunk", id: "src/sw/worker.ts", fileName: "sw.js" });
    },
    generateBundle(_, bundle) {
      const worker = bundle["sw.js"];
      const page = Object.values(bundle).find(
        (one) => one.type === "chunk" && one.name === "index",
      );
      if (worker?.type !== "chunk" || page?.type !== "chunk") throw new Error("no shell was built");
      const styles = Object.keys(bundle).filter((name) => /^assets\/index-.*\.css$/.test(name));
      const fonts = Object.keys(bundle).filter((name) => /latin-wght.*\.woff2$/.test(name));
      const scripts = [page.fileName, ...page.imports];
      const shell = ["/", ...[...scripts, ...styles, ...fonts].map((name) => `/${name}`)];
      const code = worker.code.replace(/["'`]__SHELL__["'`]/, JSON.stringify(shell));
      if (code === worker.code) throw new Error("the service worker was not told its shell");
      worker.code = code;
    },
  };
}

export default defineConfig({
  plugins: [react(), tailwind(), serviceWorker()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  server: {
    proxy: {
      "/api": { target: SERVER, headers: { origin: SERVER } },
      "/socket.io": { target: SERVER, ws: true, headers: { origin: SERVER } },
    },
  },
  build: {
    // The policy of the page allows no inline script, style or picture.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 400,
  },
  test: {
    environment: "jsdom",
    setupFiles: ["src/test/setup.ts"],
    include: ["src/**/*.test.{ts,tsx}"],
    restoreMocks: true,
  },
});
