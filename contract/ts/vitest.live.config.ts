import { defineConfig } from "vitest/config";

// Against a running server: IQX_URL says where.
export default defineConfig({ test: { include: ["live/**/*.test.ts"], testTimeout: 60_000 } });
