import { defineConfig } from "@playwright/test";
import { chromium } from "./console.mjs";

export default defineConfig({
  testDir: "journeys",
  outputDir: "results",
  fullyParallel: false,
  workers: 1,
  timeout: 40_000,
  // The second try only tells a race from a plain fault: a journey that needs it is called flaky, and fails the run.
  retries: 1,
  failOnFlakyTests: true,
  reporter: [["list"]],
  use: { launchOptions: chromium, locale: "en-US", timezoneId: "Europe/Zurich", viewport: { width: 1280, height: 800 }, trace: "retain-on-failure" },
});
