// Where the focus is: after opening an entry and coming back, in a dialog, after what had it has gone.
import { expect, open, signIn, test } from "./fixture.mjs";

const title = (page, name) => page.getByRole("heading", { level: 1, name });
const row = (page, name) => page.getByRole("row").filter({ hasText: name });

const lists = {
  members: ["/manage/members", /Bruno Costa/],
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

test("on a phone the page that is shown is in sight in the strip", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 800 });
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/usage");
  const current = page.getByRole("navigation", { name: "Manage Organization" }).getByRole("link", { name: "Usage", exact: true });
  await expect(current).toHaveAttribute("aria-current", "page");
  await expect(current).toBeInViewport({ ratio: 0.99 });
  expect(await page.evaluate(() => scrollY)).toBe(0);
});

test("a list that shrinks while it is scrolled skips nobody", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await expect(page).toHaveURL(/\/o\/org_/);
  // Two pages of a hundred, of which one person goes when the first has been read.
  const list = await (await page.request.get(`/api/v1/organizations/${page.url().match(/org_[0-9a-f]+/)[0]}/members`)).json();
  const member = list.entries.find((entry) => JSON.stringify(entry).includes("Bruno Costa"));
  const text = JSON.stringify(member);
  const everybody = Array.from({ length: 150 }, (_, place) => JSON.parse(text.replaceAll("Bruno Costa", `Person ${String(place).padStart(3, "0")}`).replaceAll(/(user_[0-9a-f]{28})[0-9a-f]{4}/g, (_, id) => id + String(place).padStart(4, "0"))));
  const asked = [];
  await page.route((url) => url.pathname.endsWith("/members") && url.pathname.startsWith("/api/"), (route) => {
    const offset = Number(new URL(route.request().url()).searchParams.get("offset") ?? 0);
    asked.push(offset);
    if (offset === 100 && everybody.length === 150) everybody.splice(10, 1);
    return route.fulfill({ json: { ...list, total: everybody.length, entries: everybody.slice(offset, offset + 100) } });
  });
  await open(page, "/manage/members");
  await expect(row(page, "Person 000")).toBeVisible();
  const seen = new Set();
  for (let step = 0; step < 60; step += 1) {
    for (const text of await page.getByRole("row").allTextContents()) {
      const found = text.match(/Person (\d{3})/);
      if (found) seen.add(found[1]);
    }
    if (seen.has("149")) break;
    await page.mouse.wheel(0, 400);
    await page.waitForTimeout(60);
  }
  const missing = Array.from({ length: 150 }, (_, place) => String(place).padStart(3, "0")).filter((name) => !seen.has(name));
  expect(missing).toEqual([]);
  expect(asked).toContain(100);
});
