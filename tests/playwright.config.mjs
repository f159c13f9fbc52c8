import { defineConfig } from "@playwright/test";
import { chromium } from "./console.mjs";

export default defineConfig({
  testDir: "journeys",
  outputDir: "results",
  fullyParallel: false,
  workers: 1,
  timeout: 40_000,
  reporter: [["list"]],
  use: { launchOptions: chromium, locale: "en-US", timezoneId: "Europe/Zurich", viewport: { width: 1280, height: 800 }, trace: "retain-on-failure" },
});
