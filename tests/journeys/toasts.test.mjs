// Messages: there for as long as somebody is at them, in reach of the keyboard, failures at once.
import { expect, open, signIn, test } from "./fixture.mjs";

const row = (page, name) => page.getByRole("row").filter({ hasText: name });
const messages = (page) => page.getByRole("region", { name: "Notifications" });
const undo = (page) => messages(page).getByRole("button", { name: "Undo" });

async function changeRole(page) {
  await row(page, "Bruno Costa").getByRole("button", { name: "Viewer" }).press("Enter");
  const dialog = page.getByRole("dialog", { name: "Change role" });
  await dialog.getByRole("radio", { name: "Editor" }).check();
  await page.keyboard.press("Enter");
  await expect(undo(page)).toBeVisible();
}

const nowhere = (page) => page.evaluate(() => document.activeElement === document.body);

test("a change is undone by one key; the message stays while the focus is in it, and gives it back", async ({ page }) => {
  test.slow();
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/members");
  await expect(row(page, "Bruno Costa")).toBeVisible();
  await changeRole(page);
  expect(await nowhere(page)).toBe(false);
  // The message names its key.
  await expect(messages(page).getByText("F6")).toBeVisible();
  await expect(undo(page)).toHaveAttribute("aria-keyshortcuts", "F6");
  const search = page.getByRole("searchbox", { name: "Find by name" });
  await search.focus();
  await page.keyboard.press("F6");
  await expect(undo(page)).toBeFocused();
  await page.waitForTimeout(11_000);
  await expect(undo(page)).toBeFocused();
  // Back, and it goes by itself.
  await page.keyboard.press("F6");
  await expect(search).toBeFocused();
  await expect(undo(page)).toHaveCount(0, { timeout: 15_000 });
  await expect(search).toBeFocused();

  await row(page, "Bruno Costa").getByRole("button", { name: "Editor" }).press("Enter");
  const dialog = page.getByRole("dialog", { name: "Change role" });
  await dialog.getByRole("radio", { name: "Admin" }).check();
  await page.keyboard.press("Enter");
  await expect(undo(page)).toBeVisible();
  await search.focus();
  await page.keyboard.press("F6");
  await page.keyboard.press("Enter");
  await expect(messages(page).getByText("Undone")).toBeVisible();
  await expect(row(page, "Bruno Costa").getByRole("button", { name: "Editor" })).toBeVisible();
  await expect(search).toBeFocused();
});

test("a message stays while the pointer is on it", async ({ page }) => {
  test.slow();
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/members");
  await changeRole(page);
  await undo(page).hover();
  await page.waitForTimeout(11_000);
  await expect(undo(page)).toBeVisible();
  await page.mouse.move(300, 300);
  await expect(undo(page)).toHaveCount(0, { timeout: 15_000 });
});

test("what is selected is one key away", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/members");
  const box = page.getByRole("checkbox", { name: "Select Bruno Costa" });
  await box.check();
  const bar = page.getByRole("region", { name: "Selection" });
  await expect(bar.getByText("F6")).toBeVisible();
  await box.focus();
  await page.keyboard.press("F6");
  await expect(bar.getByRole("button", { name: "Change role" })).toBeFocused();
  await page.keyboard.press("F6");
  await expect(box).toBeFocused();
  // The bar goes with what was selected; the focus does not fall to the page's body.
  await page.keyboard.press("F6");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Change role" });
  await dialog.getByRole("radio", { name: "Editor" }).check();
  await page.keyboard.press("Enter");
  await expect(bar).toHaveCount(0);
  await expect.poll(() => nowhere(page)).toBe(false);
});

test("a failure interrupts, and stays", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/spaces");
  await page.route("**/spaces/*", (route) => (route.request().method() === "PATCH" ? route.abort() : route.continue()));
  await page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "Research" }) }).getByRole("button", { name: "Archive" }).click();
  const alert = messages(page).getByRole("alert");
  await expect(alert).toContainText("could not be reached");
  await page.waitForTimeout(7_000);
  await expect(alert).toBeVisible();
});
