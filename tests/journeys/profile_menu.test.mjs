import { expect, openMenu, signIn, test } from "./fixture.mjs";

test("the menu by keyboard: open, move, type ahead, close, switch", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  const button = page.getByRole("button", { name: "Profile menu" });
  await button.focus();
  await page.keyboard.press("Enter");
  await expect(button).toHaveAttribute("aria-expanded", "true");
  const current = page.getByRole("menuitemradio", { name: "Acme Robotics" });
  await expect(current).toBeFocused();
  await expect(current).toHaveAttribute("aria-checked", "true");
  await page.keyboard.press("End");
  await expect(page.getByRole("menuitem", { name: "Sign out" })).toBeFocused();
  await page.keyboard.press("ArrowDown");
  await expect(current).toBeFocused();
  await page.keyboard.press("n");
  await expect(page.getByRole("menuitemradio", { name: "Northwind Labs" })).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("menu")).toBeHidden();
  await expect(button).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(current).toBeFocused();
  await page.keyboard.press("n");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("banner").getByRole("link", { name: "Northwind Labs" })).toBeVisible();
  await expect(page.getByRole("status").getByText("You are now in Northwind Labs")).toBeVisible();
  await expect(page).toHaveTitle("Overview · Northwind Labs");
  await expect(page.getByRole("main").getByText("Acme Robotics")).toHaveCount(0);
});

test("many organizations are searched", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "many@acme.test");
  await openMenu(page);
  await expect(page.getByRole("menuitemradio")).toHaveCount(40);
  const search = page.getByRole("searchbox", { name: "Find an organization" });
  await expect(search).toBeFocused();
  await search.fill("juniper cap");
  await expect(page.getByRole("menuitemradio")).toHaveCount(1);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("banner").getByRole("link", { name: "Juniper Capital" })).toBeVisible();
  await openMenu(page);
  await search.fill("nothing of the kind");
  await expect(page.getByText("No organization is called that.")).toBeVisible();
});

test("what a role may not do is not offered, nor asked of the server", async ({ page }) => {
  const requests = [];
  page.on("request", (request) => requests.push(new URL(request.url()).pathname));
  for (const [account, items] of [["editor@acme.test", [/Northwind Labs/, "My usage", "Account", "Sign out"]], ["viewer@acme.test", ["My usage", "Account", "Sign out"]]]) {
    await page.goto("/");
    await signIn(page, account);
    const overview = page.url();
    const menu = await openMenu(page);
    await expect(menu.getByRole("menuitem")).toHaveText(items, { useInnerText: true });
    await page.keyboard.press("Escape");
    requests.length = 0;
    await page.goto(`${overview}/manage/general`);
    await expect(page.getByRole("heading", { level: 1, name: "Not found" })).toBeVisible();
    // What happens elsewhere is heard by everybody who belongs here; who is signed in is asked again where it begins.
    const asked = new Set(requests.filter((path) => path.startsWith("/api/") && !path.endsWith("/events")));
    expect([...asked]).toEqual(["/api/v1/session"]);
    await page.getByRole("link", { name: "Go to your organization" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
    await (await openMenu(page)).getByRole("menuitem", { name: "Sign out" }).click();
    await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
  }
});

test("two tabs hold two organizations", async ({ page, context }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  const other = await context.newPage();
  await other.goto("/");
  await (await openMenu(other)).getByRole("menuitemradio", { name: "Globex" }).click();
  await expect(other.getByRole("banner").getByRole("link", { name: "Globex" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("banner").getByRole("link", { name: "Acme Robotics" })).toBeVisible();
  await page.goto("/o/org_ffffffffffffffffffffffffffffffff");
  await expect(page.getByRole("heading", { level: 1, name: "Not found" })).toBeVisible();
});

test("an admin page gives way to the start page where the role is smaller", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await (await openMenu(page)).getByRole("menuitem", { name: "Manage Organization" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "General" })).toBeFocused();
  await (await openMenu(page)).getByRole("menuitemradio", { name: "Northwind Labs" }).click();
  await expect(page.getByRole("textbox", { name: "Organization name" })).toHaveValue("Northwind Labs");
  await (await openMenu(page)).getByRole("menuitemradio", { name: "Globex" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
});

test("language and theme are kept", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await openMenu(page);
  await page.getByLabel("Theme").selectOption("dark");
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  await page.getByLabel("Language").selectOption("ar");
  await expect(page.locator("html")).toHaveAttribute("dir", "rtl");
  await page.reload();
  await expect(page.getByRole("heading", { level: 1, name: "نظرة عامة" })).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
});
