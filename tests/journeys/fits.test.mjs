// Narrow and low windows, as enlarging makes them: nothing overflows, everything can be reached.
import { expect, open, openMenu, signIn, test } from "./fixture.mjs";

const pages = ["", "/manage/general", "/manage/members", "/manage/spaces", "/manage/space-access", "/manage/access-templates", "/manage/models", "/manage/routers", "/manage/assistants", "/manage/tools", "/manage/api-keys", "/manage/api-keys/new", "/manage/api-keys/leak", "/manage/usage", "/usage"];

for (const language of ["en", "de", "ar"]) {
  test(`no page scrolls sideways at 320 pixels (${language})`, async ({ page }) => {
    test.slow();
    await page.setViewportSize({ width: 320, height: 640 });
    await page.goto("/");
    await signIn(page, "admin@acme.test");
    await expect(page).toHaveURL(/\/o\/org_/);
    await page.evaluate((language) => localStorage.setItem("pulze.language", language), language);
    for (const path of pages) {
      await open(page, path);
      await expect(page.locator("main h1")).toBeVisible();
      await expect(page.locator("main .skeleton")).toHaveCount(0);
      await expect(page.locator("html")).toHaveAttribute("lang", language);
      const beyond = await page.evaluate(() => document.scrollingElement.scrollWidth - document.scrollingElement.clientWidth);
      expect(beyond, path).toBe(0);
    }
  });
}

for (const [width, height] of [[640, 400], [320, 256]]) {
  test(`the profile menu and what it opens can be used at ${width} × ${height}`, async ({ page }) => {
    await page.setViewportSize({ width, height });
    await page.goto("/");
    await signIn(page, "admin@acme.test");
    const home = page.url();
    for (const [item, heading] of [["Manage Organization", "General"], ["My usage", "My usage"], ["Account", "Account"], ["Outbox", "Outbox"]]) {
      await openMenu(page);
      // A click waits until nothing covers the item, and scrolls to it as a person would.
      await page.getByRole("menuitem", { name: item, exact: true }).click();
      await expect(page.getByRole("heading", { level: 1, name: heading })).toBeVisible();
    }
    await page.goto(home);
    await openMenu(page);
    await page.getByLabel("Theme").selectOption("dark");
    await page.getByRole("menuitem", { name: "New Organization" }).click();
    await page.getByLabel("Organization name").fill("Initech");
    await page.getByRole("button", { name: "Create organization" }).click();
    await expect(page.getByText("Initech").first()).toBeVisible();
    await openMenu(page);
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  });
}
