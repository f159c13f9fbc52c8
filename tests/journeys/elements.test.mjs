import { expect, signIn, test } from "./fixture.mjs";

test("the profile menu on a host's page: same session, own root, event", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await page.goto("/examples/host-portal/");
  const button = page.getByRole("button", { name: "Profile menu" });
  await button.click();
  const menu = page.getByRole("menu");
  await expect(menu).toBeVisible();
  expect(await page.evaluate(() => document.querySelector("pulze-profile-menu").shadowRoot.adoptedStyleSheets.length)).toBe(2);
  expect(await page.evaluate(() => document.querySelectorAll("body > [popover], body > dialog").length)).toBe(0);
  const [outer, inner] = [await button.boundingBox(), await page.locator(".profile-panel").boundingBox()];
  expect(inner.y).toBeGreaterThanOrEqual(outer.y + outer.height);
  await menu.getByRole("menuitemradio", { name: "Northwind Labs" }).click();
  await expect(page.locator("#organization")).toHaveText(/^Northwind Labs \(org_/);
  await button.click();
  await expect(menu.getByRole("menuitemradio", { name: "Northwind Labs" })).toHaveAttribute("aria-checked", "true");
  await menu.getByRole("menuitem", { name: "New Organization" }).click();
  await page.getByRole("dialog").getByLabel("Organization name").fill("From the portal");
  await page.getByRole("dialog").getByRole("button", { name: "Create organization" }).click();
  await expect(page.locator("#organization")).toHaveText(/^From the portal/);
  // The parts that came meanwhile put no styles of ours into the host's page.
  expect(await page.evaluate(() => document.querySelectorAll("link[href*='/assets/']").length)).toBe(0);
});
