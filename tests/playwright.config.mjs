import { defineConfig } from "@playwright/test";
import { chromium } from "./console.mjs";

export default defineConfig({
  testDir: "journeys",
  outputDir: "results",
  fullyParallel: false,
  workers: 1,
  timeout: 40_000,
  // Every journey has a server and a browser of its own: on a machine that stalled it is tried once more, and called flaky.
  retries: 1,
  reporter: [["list"]],
  use: { launchOptions: chromium, locale: "en-US", timezoneId: "Europe/Zurich", viewport: { width: 1280, height: 800 }, trace: "retain-on-failure" },
});
