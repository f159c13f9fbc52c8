// Where the focus is: after opening an entry and coming back, in a dialog, after what had it has gone.
import { expect, open, signIn, test } from "./fixture.mjs";

const title = (page, name) => page.getByRole("heading", { level: 1, name });
const row = (page, name) => page.getByRole("row").filter({ hasText: name });

const lists = {
  spaces: ["/manage/spaces", "Members"],
  "API keys": ["/manage/api-keys", null],
  routers: ["/manage/routers", /Papers/],
  assistants: ["/manage/assistants", /Paper reader/],
  tools: ["/manage/tools", /Order status/],
};

for (const [what, [path, name]] of Object.entries(lists)) {
  test(`${what}: an entry opens at its title, and the way back leads to its row`, async ({ page }) => {
    await page.goto("/");
    await signIn(page, "admin@acme.test");
    await open(page, path);
    const main = page.getByRole("main");
    const entry = (name ? main.getByRole("link", { name }) : main.locator("a.person")).first();
    await entry.focus();
    await page.keyboard.press("Enter");
    await expect(main.locator("a.back")).toBeVisible();
    await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
    // The first Tab goes to what comes first.
    await page.keyboard.press("Tab");
    await expect(main.locator("a.back")).toBeFocused();
    await page.goBack();
    await expect(entry).toBeFocused();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    await expect(entry).toBeFocused();
  });
}

test("a new API key begins at its title: the first fields come first", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/api-keys");
  await page.getByRole("link", { name: "New API key" }).press("Enter");
  await expect(page.getByLabel("Name", { exact: true })).toBeVisible();
  await expect(title(page, "New API key")).toBeFocused();
  await page.keyboard.press("Tab");
  await page.keyboard.press("Tab");
  await expect(page.getByLabel("Name", { exact: true })).toBeFocused();
});

test("a dialog begins at what it asks first", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/members");
  await page.getByRole("button", { name: "Invite members" }).click();
  await expect(page.getByLabel("Addresses")).toBeFocused();
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Invite members" })).toBeFocused();
  await row(page, "Bruno Costa").getByRole("button", { name: "Viewer" }).click();
  await expect(page.getByRole("dialog").getByRole("radio", { name: "Viewer" })).toBeFocused();
  await page.keyboard.press("Escape");
  await open(page, "/manage/api-keys/new");
  await page.getByLabel("Name", { exact: true }).fill("Begins at copy");
  await page.getByRole("button", { name: "Create key" }).click();
  await expect(page.getByRole("dialog").getByRole("button", { name: "Copy" })).toBeFocused();
});

test("sixty addresses are not lost by one key", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/members");
  await page.getByRole("button", { name: "Invite members" }).click();
  const typed = Array.from({ length: 60 }, (_, place) => `person${place}@new.test`).join("\n");
  const addresses = page.getByLabel("Addresses");
  await addresses.fill(typed);
  await addresses.press("Escape");
  const question = page.getByRole("dialog", { name: "Unsaved changes" });
  await expect(question).toBeVisible();
  // The second one answers it: go on.
  await page.keyboard.press("Escape");
  await expect(question).toBeHidden();
  await expect(addresses).toHaveValue(typed);
  await expect(addresses).toBeFocused();
  for (let time = 0; time < 3; time += 1) await page.keyboard.press("Escape");
  await expect(addresses).toHaveValue(typed);
  await expect(question).toBeVisible();
  await question.getByRole("button", { name: "Keep editing" }).click();
  await page.getByRole("dialog", { name: "Invite members" }).getByRole("button", { name: "Close" }).click();
  await question.getByRole("button", { name: "Discard" }).click();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  // Nothing was typed: nothing is asked.
  await page.getByRole("button", { name: "Invite members" }).click();
  await expect(addresses).toHaveValue("");
  await page.keyboard.press("Escape");
  await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("Tab out of the menu closes it", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await page.getByRole("button", { name: "Profile menu" }).press("Enter");
  const menu = page.getByRole("menu");
  await expect(menu).toBeVisible();
  for (let step = 0; step < 6 && (await menu.isVisible()); step += 1) {
    await page.keyboard.press("Tab");
    await page.waitForTimeout(100);
  }
  await expect(menu).toBeHidden();
  expect(await page.evaluate(() => document.activeElement === document.body)).toBe(false);
});

test("a row that is made anew keeps the focus", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/assistants?state=disabled");
  const turn = page.getByRole("switch").first();
  await page.route("**/switch**", (route) => route.continue());
  await turn.focus();
  await page.keyboard.press("Space");
  await expect(page.getByRole("button", { name: "Undo" })).toBeVisible();
  await expect.poll(() => page.evaluate(() => document.activeElement === document.body)).toBe(false);
});
