import { expect, expectAccessible, openMenu, signIn, test } from "./fixture.mjs";

test("signing in keeps the address, signing out ends the session", async ({ page }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  await signIn(page, "admin@acme.test");
  await expect(page).toHaveURL(/\/o\/org_[0-9a-f]{32}$/);
  const address = page.url();
  const menu = await openMenu(page);
  await menu.getByRole("menuitem", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  await expect(page.getByText("Acme Robotics")).toHaveCount(0);
  await signIn(page, "admin@acme.test");
  await expect(page).toHaveURL(/\/o\/org_/);
  await page.goto(address);
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
});

test("signing out does not wait for the browser's cache", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  // What takes a browser seconds to clear: a cache that holds much. It must not be asked to.
  const answered = page.waitForResponse((response) => response.request().method() === "DELETE" && response.url().endsWith("/api/v1/session"));
  const menu = await openMenu(page);
  const began = performance.now();
  await menu.getByRole("menuitem", { name: "Sign out" }).click();
  const response = await answered;
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  const took = performance.now() - began;
  expect((await response.allHeaders())["clear-site-data"]).toBeUndefined();
  // The page follows the answer; the figure is for the report, a busy machine is no fault.
  test.info().annotations.push({ type: "signed out after", description: `${Math.round(took)} ms` });
});

test("a wrong password says so and keeps the email", async ({ page }) => {
  await page.goto("/");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByText("This is required.")).toHaveCount(2);
  await page.getByLabel("Email").fill("admin@acme.test");
  await page.getByLabel("Password").fill("not the password");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("alert")).toHaveText("Email and password do not belong together.");
  await expect(page.getByLabel("Email")).toHaveValue("admin@acme.test");
  await expectAccessible(page);
});

test("the server gone: what was typed stays, and trying again works", async ({ page, context }) => {
  await page.goto("/");
  await page.getByLabel("Email").fill("admin@acme.test");
  await page.getByLabel("Password").fill("pulze-demo-2026");
  await context.setOffline(true);
  await expect(page.getByText("You are offline.")).toBeVisible();
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("alert")).toContainText("The server could not be reached");
  await context.setOffline(false);
  await expect(page.getByText("You are offline.")).toBeHidden();
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(page.getByRole("button", { name: "Profile menu" })).toBeVisible();
});

test("a panic leaves a readable page with a way on", async ({ page, complaints }) => {
  await page.goto("/");
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  await page.evaluate(() => globalThis.pulzePanic("a provoked panic"));
  await expect(page.getByRole("heading", { level: 1, name: "The console stopped" })).toBeFocused();
  complaints.splice(complaints.indexOf("a provoked panic"), 1);
  await page.getByRole("button", { name: "Reload" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("a page that does not arrive says so, and comes when it is asked for again", async ({ page, complaints }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await page.route("**/general.pack", (route) => route.abort());
  await page.getByRole("link", { name: "Manage Organization", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "General" })).toBeVisible();
  const alert = page.getByRole("alert").filter({ hasText: "could not be loaded" });
  await expect(alert.getByRole("button", { name: "Reload" })).toBeVisible();
  await expectAccessible(page);
  await page.unroute("**/general.pack");
  await alert.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByLabel("Organization name")).toHaveValue("Acme Robotics");
  // The loader writes down why: once for every attempt.
  complaints.splice(0, complaints.length, ...complaints.filter((line) => !line.includes("Failed to fetch")));
});
