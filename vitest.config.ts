import { defineConfig } from "vitest/config";

export default defineConfig({
  resolve: { conditions: ["brisk-source"] },
  ssr: { resolve: { conditions: ["brisk-source"] } },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: "./test/guest-heap.ts",
    // Every end-to-end file starts a real server with host processes, and waits now and then: three fill two cores.
    maxWorkers: 3,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ["default", "./test/closing-line.ts"],
  },
});
