import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["brisk-source"] },
  ssr: { resolve: { conditions: ["brisk-source"] } },
  test: {
    include: ["test/**/*.test.ts"],
    // Every end-to-end file starts a real server with host processes: two at a time fill two cores.
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ["default", "./test/closing-line.ts"],
  },
});
