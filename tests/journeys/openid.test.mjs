import { startConsole } from "../console.mjs";
import { atTheProvider, freePort, startProvider } from "../provider.mjs";
import { test as base, expect, expectAccessible, openMenu, signIn } from "./fixture.mjs";

const test = base.extend({
  /** The address that the provider tells of its one person. */
  email: ["petra@provider.test", { option: true }],
  provider: async ({ email }, use) => {
    const port = await freePort();
    const provider = await startProvider(port, email);
    await use({ ...provider, port });
    await provider.stop();
  },
  server: async ({ provider }, use) => {
    // The provider sends people back to one address: the console has to have it.
    const server = await startConsole(["--oidc-providers", provider.file], `127.0.0.1:${provider.port}`);
    await use(server);
    await server.stop();
  },
});

test("somebody new signs in by the company's provider, and out of both", async ({ page }) => {
  await page.goto("/account");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Sign in by Company" }).click();
  await atTheProvider(page, "petra");
  await expect(page).toHaveURL(/\/account$/);
  await expect(page.getByRole("form", { name: "Profile" }).getByText("petra@provider.test")).toBeVisible();
  const identities = page.getByRole("region", { name: "Sign in by other services" });
  await expect(identities.getByRole("listitem")).toContainText("Company");
  // The only way in is not taken off.
  await expect(identities.getByRole("button", { name: "Take off Company" })).toHaveAccessibleDescription(/only way to sign in/);
  await expectAccessible(page);
  const menu = await openMenu(page);
  await menu.getByRole("menuitem", { name: "Sign out" }).click();
  await page.getByRole("button", { name: /Yes, sign me out/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  expect((await (await page.request.get("/api/v1/session")).json()).viewer).toBeNull();
});

test.describe("with an address that has an account", () => {
  test.use({ email: "editor@acme.test" });

  test("an account is not taken over by its address, but linked by its owner", async ({ page, context }) => {
    await page.goto("/");
    await page.getByRole("button", { name: "Sign in by Company" }).click();
    await atTheProvider(page, "emre");
    await expect(page.getByText("There is an account with this address already.")).toBeVisible();
    await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
    await signIn(page, "editor@acme.test");
    await page.goto("/account");
    await page.getByRole("button", { name: "Link Company" }).click();
    // Still signed in there: the provider sends back at once.
    await expect(page.getByText("Linked: you can sign in by it from now on.")).toBeVisible();
    await expect(page.getByRole("button", { name: "Take off Company" })).toBeVisible();
    await context.clearCookies({ name: "pulze_session" });
    await page.goto("/");
    await page.getByRole("button", { name: "Sign in by Company" }).click();
    await expect(page.getByRole("button", { name: "Profile menu" })).toBeVisible();
    await page.goto("/account");
    await expect(page.getByRole("form", { name: "Profile" }).getByText("editor@acme.test")).toBeVisible();
    await page.getByRole("button", { name: "Take off Company" }).click();
    await expect(page.getByRole("button", { name: "Link Company" })).toBeVisible();
  });
});
