// Makes the pictures in docs/images again: `cargo xtask screenshots`.
import { chromium as browserType } from "@playwright/test";
import { mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { chromium, signIn, startConsole } from "./console.mjs";

const folder = resolve(import.meta.dirname, process.env.PULZE_PICTURES ?? "../docs/images");
await mkdir(folder, { recursive: true });
const server = await startConsole();
const browser = await browserType.launch(chromium);

for (const [size, viewport] of [["desktop", { width: 1280, height: 800 }], ["phone", { width: 390, height: 844 }]]) {
  for (const colorScheme of ["light", "dark"]) {
    const page = await browser.newPage({ viewport, colorScheme, locale: "en-US", baseURL: server.address });
    const picture = async (name) => {
      // What is still loading would be a picture of grey lines, and its animation never ends.
      await page.waitForFunction(() => !document.querySelector("main .skeleton"));
      await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished)));
      await page.screenshot({ path: `${folder}/${name}-${size}-${colorScheme}.png` });
    };
    await page.goto("/");
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await picture("sign-in");
    await signIn(page, "admin@acme.test");
    await page.getByText("Europe/Zurich").waitFor();
    await page.getByText("Scheduled tasks").waitFor();
    await picture("overview");
    await page.getByRole("button", { name: "Profile menu" }).click();
    await page.getByRole("menu").waitFor();
    await picture("profile-menu");
    await page.getByRole("menuitem", { name: "New Organization" }).click();
    await page.getByLabel("Organization name").fill("Initech");
    await picture("new-organization");
    await page.keyboard.press("Escape");
    await page.getByRole("button", { name: "Profile menu" }).click();
    await page.getByRole("menuitem", { name: "Manage Organization" }).click();
    await page.getByRole("heading", { level: 1, name: "General" }).waitFor();
    await page.getByRole("button", { name: "Save changes" }).waitFor();
    await picture("general");
    const counts = { Members: "19 people", Spaces: "4 spaces", "API keys": "3 keys", Models: "274 models", Routers: "4 routers", Assistants: "6 assistants", Tools: "3 tools", Usage: "Every sum agrees" };
    for (const name of Object.keys(counts)) {
      await page.getByRole("navigation", { name: "Manage Organization" }).getByRole("link", { name }).click();
      await page.getByRole("heading", { level: 1, name }).waitFor();
      await page.getByText(counts[name]).waitFor();
      await picture(name.toLowerCase().replace(" ", "-"));
    }
    await page.goto("/account");
    await page.getByText("this one").waitFor();
    await picture("account");
    await page.keyboard.press("Control+k");
    await page.getByRole("option").first().waitFor();
    await picture("palette");
    await page.close();
  }
}
await browser.close();
await server.stop();
