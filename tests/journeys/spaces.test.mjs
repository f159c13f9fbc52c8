import { expect, expectAccessible, signIn, test } from "./fixture.mjs";

const card = (page, name) => page.getByRole("listitem").filter({ has: page.getByRole("heading", { name, exact: true }) });

test("a space: made, found, changed, archived, restored and deleted", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "editor@acme.test");
  await page.getByRole("main").getByRole("link", { name: "Spaces", exact: true }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Spaces" })).toBeVisible();
  // Granted or visible to everyone; the board is neither.
  await expect(page.getByText("3 spaces")).toBeVisible();
  await expect(card(page, "Marketing").getByText("Viewer")).toBeVisible();
  await expect(card(page, "Marketing").getByRole("button", { name: "Edit" })).toHaveCount(0);
  await expectAccessible(page);

  await page.getByRole("button", { name: "New space" }).click();
  const dialog = page.getByRole("dialog", { name: "New space" });
  await dialog.getByRole("button", { name: "Create space" }).click();
  await expect(dialog.getByText("This is required.")).toBeVisible();
  await dialog.getByLabel("Space name").fill("Field Tests");
  await dialog.getByLabel("Description").fill("Robots outdoors.");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Create space" }).dblclick();
  await expect(page.getByText("Field Tests was created")).toBeVisible();
  await expect(page.getByText("4 spaces")).toBeVisible();

  await page.getByRole("searchbox", { name: "Find a space" }).fill("field");
  await expect(page.getByText("1 space", { exact: true })).toBeVisible();
  await expect(page).toHaveURL(/search=field/);
  await card(page, "Field Tests").getByRole("button", { name: "Edit" }).click();
  const edit = page.getByRole("dialog", { name: "Edit space" });
  await edit.getByRole("radio", { name: "Everyone" }).check();
  await edit.getByRole("button", { name: "Save changes" }).click();
  await expect(card(page, "Field Tests").getByText("Everyone")).toBeVisible();

  await card(page, "Field Tests").getByRole("button", { name: "Archive" }).click();
  await expect(page.getByText("No space fits.")).toBeVisible();
  await page.getByLabel("Show").selectOption("Archived");
  await card(page, "Field Tests").getByRole("button", { name: "Restore" }).click();
  await page.getByLabel("Show").selectOption("Mine");
  await card(page, "Field Tests").getByRole("button", { name: "Delete" }).click();
  const deletion = page.getByRole("dialog", { name: "Delete space" });
  await expect(deletion.getByRole("button", { name: "Delete space" })).toHaveAccessibleDescription(/Field Tests/);
  await deletion.getByRole("textbox").fill("Field Tests");
  await expectAccessible(page);
  await deletion.getByRole("button", { name: "Delete space" }).click();
  await expect(page.getByText("Field Tests was deleted")).toBeVisible();
  await expect(page.getByText("No space fits.")).toBeVisible();
});

test("roles in a space are saved at once and undone", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "editor@acme.test");
  await page.getByRole("main").getByRole("link", { name: "Spaces", exact: true }).click();
  await card(page, "Research").getByRole("link", { name: "Members" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Members of Research" })).toBeVisible();
  const role = page.getByLabel("Role of Hiro Tanaka");
  await expect(role).toHaveValue("viewer");
  await role.selectOption("Editor");
  await expect(page.getByText("Hiro Tanaka is now Editor")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Undone")).toBeVisible();
  await expect(role).toHaveValue("viewer");
  await page.getByLabel("Add a member").fill("kavya");
  await page.getByRole("list", { name: "Found" }).getByRole("button", { name: "Kavya Nair" }).click();
  await expect(page.getByLabel("Role of Kavya Nair")).toHaveValue("viewer");
  await expectAccessible(page);
  await page.getByRole("listitem").filter({ hasText: "Kavya Nair" }).getByRole("button", { name: "Remove" }).click();
  await expect(page.getByText("Kavya Nair no longer has a role here")).toBeVisible();
  await expect(page.getByLabel("Role of Kavya Nair")).toHaveCount(0);
});
