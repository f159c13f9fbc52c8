import { expect, expectAccessible, now, signIn, test } from "./fixture.mjs";

/** Tab until the focus is where it is wanted: what a person without a mouse does. */
async function tabTo(page, locator) {
  for (let presses = 0; presses < 80; presses += 1) {
    if (await locator.evaluate((element) => element === document.activeElement).catch(() => false)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`the focus never came to ${locator}`);
}
const cell = (page, name, column) => page.getByRole("row", { name: new RegExp(name) }).getByRole("gridcell").nth(column);

test("access to spaces is given and taken in the grid, by keyboard alone", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  const manage = page.getByRole("link", { name: "Manage Organization", exact: true });
  await manage.waitFor();
  await tabTo(page, manage);
  await page.keyboard.press("Enter");
  const members = page.getByRole("navigation", { name: "Manage Organization" }).getByRole("link", { name: "Members" });
  await members.waitFor();
  await tabTo(page, members);
  await page.keyboard.press("Enter");
  const access = page.getByRole("link", { name: "Space access" });
  await access.waitFor();
  await tabTo(page, access);
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Space access" })).toBeVisible();
  // Columns by name: Board, Customer Support, Marketing, Research.
  await cell(page, "Ada Lindqvist", 0).waitFor();
  await tabTo(page, cell(page, "Ada Lindqvist", 0));
  await expect(cell(page, "Ada Lindqvist", 0)).toHaveText("Admin everywhere");
  for (const key of ["a", "ArrowDown", "ArrowDown", "ArrowDown", "Shift+ArrowDown", "e"]) await page.keyboard.press(key);
  await expect(page.getByText("2 cells selected")).toBeVisible();
  await expect(page.getByText("2 changes")).toBeVisible();
  await expect(cell(page, "Chiara Romano", 0)).toHaveText("None Editor");
  await expect(cell(page, "Dmitri Sokolov", 0)).toHaveText("None Editor");
  // One who has a role loses it: Amara in Customer Support.
  for (const key of ["Control+Home", "ArrowDown", "ArrowRight", "Delete"]) await page.keyboard.press(key);
  await expect(cell(page, "Amara Diallo", 1)).toHaveText("Editor Viewer, visible to all");
  await expect(page.getByText("3 changes")).toBeVisible();
  await expectAccessible(page);
  const review = page.getByRole("button", { name: "Review" });
  await tabTo(page, review);
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Space access" });
  await expect(dialog.getByText("Chiara Romano, Board: None → Editor")).toBeVisible();
  await expect(dialog.getByText("Amara Diallo, Customer Support: Editor → None")).toBeVisible();
  await expectAccessible(page);
  const apply = dialog.getByRole("button", { name: "Apply" });
  await tabTo(page, apply);
  await page.keyboard.press("Enter");
  await expect(page.getByText("3 changes applied")).toBeVisible();
  await expect(cell(page, "Chiara Romano", 0)).toHaveText("Editor");
  await page.reload();
  await expect(cell(page, "Dmitri Sokolov", 0)).toHaveText("Editor");
  await expect(cell(page, "Amara Diallo", 1)).toHaveText("Viewer, visible to all");
});

test("the grid: an end for what is given, undo, and no loss of what is not applied", async ({ page, server }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await page.getByRole("link", { name: "Manage Organization", exact: true }).click();
  await page.getByRole("navigation", { name: "Manage Organization" }).getByRole("link", { name: "Members" }).click();
  await page.getByRole("link", { name: "Space access" }).click();
  await page.getByRole("searchbox", { name: "Find by name" }).fill("kavya");
  await expect(page.getByRole("row")).toHaveCount(2);
  await cell(page, "Kavya Nair", 0).click();
  await page.getByLabel("Ends on").fill(new Date(now() + 2 * 86_400_000).toISOString().slice(0, 10));
  await page.getByLabel("Set role").selectOption("Admin");
  await expect(cell(page, "Kavya Nair", 0)).toContainText(/None Admin.*Ends in [23] days/);
  // Another page would lose it: that is asked first.
  await page.getByRole("navigation", { name: "Manage Organization" }).getByRole("link", { name: "Spaces" }).click();
  await page.getByRole("button", { name: "Keep editing" }).click();
  await page.getByRole("button", { name: "Review" }).click();
  await page.getByRole("dialog", { name: "Space access" }).getByRole("button", { name: "Apply" }).click();
  await expect(page.getByText("1 change applied")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Undone")).toBeVisible();
  await expect(cell(page, "Kavya Nair", 0)).toHaveText("None");

  await page.getByRole("searchbox", { name: "Find by name" }).fill("hiro");
  await expect(cell(page, "Hiro Tanaka", 3)).toContainText("Ends in 14 days");
  await server.restart("--clock-ahead-hours", String(15 * 24));
  await page.reload();
  await signIn(page, "admin@acme.test");
  await expect(cell(page, "Hiro Tanaka", 3)).toHaveText("None");
});

test("a role is changed and undone by keyboard alone", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await page.getByRole("heading", { level: 2, name: "Acme Robotics" }).waitFor();
  await page.goto(page.url() + "/manage/members?search=bruno");
  const role = page.getByRole("row").filter({ hasText: "Bruno Costa" }).getByRole("button");
  await role.waitFor();
  await tabTo(page, role);
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Change role" });
  const viewer = dialog.getByRole("radio", { name: "Viewer" });
  await viewer.waitFor();
  await tabTo(page, viewer);
  await page.keyboard.press("ArrowUp");
  await expect(dialog.getByRole("radio", { name: "Editor" })).toBeChecked();
  await page.keyboard.press("Enter");
  await expect(dialog).toBeHidden();
  await expect(role).toHaveText("Editor");
  const undo = page.getByRole("button", { name: "Undo" });
  await tabTo(page, undo);
  await page.keyboard.press("Enter");
  await expect(role).toHaveText("Viewer");
});
