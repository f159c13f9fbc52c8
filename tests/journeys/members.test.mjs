import { readFile } from "node:fs/promises";
import { expect, expectAccessible, now, signIn, test } from "./fixture.mjs";

async function members(page) {
  await page.getByRole("link", { name: "Manage Organization", exact: true }).click();
  await page.getByRole("navigation", { name: "Manage Organization" }).getByRole("link", { name: "Members" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Members" })).toBeVisible();
  await expect(page.getByText("19 people")).toBeVisible();
}
const row = (page, name) => page.getByRole("row").filter({ hasText: name });

test("search, filter and sort stand in the address", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await members(page);
  await expectAccessible(page);
  await page.getByRole("searchbox", { name: "Find by name" }).fill("research");
  await expect(page.getByText("4 people")).toBeVisible();
  await expect(page).toHaveURL(/search=research/);
  await page.getByRole("combobox", { name: "Role" }).selectOption("Editor");
  await expect(page.getByText("3 people")).toBeVisible();
  await page.getByRole("combobox", { name: "Status" }).selectOption("Members");
  await expect(page.getByText("2 people")).toBeVisible();
  await page.getByRole("button", { name: "Member since" }).click();
  await expect(page.getByRole("columnheader", { name: "Member since" })).toHaveAttribute("aria-sort", "ascending");
  const address = page.url();
  await page.reload();
  await expect(page).toHaveURL(address);
  await expect(page.getByText("2 people")).toBeVisible();
  await expect(page.getByRole("searchbox", { name: "Find by name" })).toHaveValue("research");
  const saved = async (button) => {
    const [download] = await Promise.all([page.waitForEvent("download"), button.click()]);
    expect(download.suggestedFilename()).toBe("members.csv");
    return readFile(await download.path());
  };
  const plain = await saved(page.getByRole("button", { name: "Export CSV" }));
  expect(plain.toString().trim().split("\r\n")).toHaveLength(3);
  expect(plain.toString()).toMatch(/^id,name,/);
  // For a double click: a spreadsheet knows UTF-8 by its first three bytes, and cells by the separator of its country.
  await page.getByRole("button", { name: "Excel" }).click();
  await expectAccessible(page);
  const sheet = await saved(page.getByRole("button", { name: "1.234,56" }));
  expect([...sheet.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
  expect(sheet.subarray(3).toString()).toMatch(/^id;name;/);
  await page.getByRole("searchbox", { name: "Find by name" }).fill("nobody at all");
  await expect(page.getByText("Nobody fits.")).toBeVisible();
  await expectAccessible(page);
});

test("roles: the difference before, undo after, one request for several", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await members(page);
  await page.getByRole("checkbox", { name: "Select Bruno Costa" }).check();
  await page.getByRole("checkbox", { name: "Select Elif Demir" }).check();
  await page.getByRole("region", { name: "Selection" }).getByRole("button", { name: "Change role" }).click();
  const dialog = page.getByRole("dialog", { name: "Change role" });
  await expect(dialog.getByRole("button", { name: "Change role" })).toHaveAccessibleDescription("Choose a role.");
  await dialog.getByRole("radio", { name: "Admin" }).check();
  await expect(dialog.getByText("1 viewer")).toBeVisible();
  await expect(dialog.getByText("Create spaces")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Change role" }).click();
  await expect(dialog).toBeHidden();
  await expect(row(page, "Bruno Costa").getByRole("button", { name: "Admin" })).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Undone")).toBeVisible();
  await expect(row(page, "Bruno Costa").getByRole("button", { name: "Viewer" })).toBeVisible();
  await expect(row(page, "Elif Demir").getByRole("button", { name: "Editor" })).toBeVisible();
});

test("a role with an end says so, and ends by itself", async ({ page, server }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await members(page);
  await expect(row(page, "Liam Byrne").getByText("Becomes Viewer in 6 days")).toBeVisible();
  await page.getByRole("combobox", { name: "Status" }).selectOption("Access ends");
  await expect(page.getByText("2 people")).toBeVisible();
  await page.getByRole("combobox", { name: "Status" }).selectOption("Everyone");
  await row(page, "Farid Haddad").getByRole("button", { name: "Viewer" }).click();
  const dialog = page.getByRole("dialog", { name: "Change role" });
  await dialog.getByRole("radio", { name: "Admin" }).check();
  const day = new Date(now() + 3 * 86_400_000).toISOString().slice(0, 10);
  await dialog.getByLabel("Ends on").fill(day);
  await dialog.getByLabel("Afterwards").selectOption("Editor");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Change role" }).click();
  await expect(row(page, "Farid Haddad").getByText(/Becomes Editor in [34] days/)).toBeVisible();

  await server.restart("--clock-ahead-hours", String(8 * 24));
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await members(page);
  await expect(row(page, "Farid Haddad").getByRole("button", { name: "Editor" })).toBeVisible();
  await expect(row(page, "Liam Byrne").getByRole("button", { name: "Viewer" })).toBeVisible();
  await expect(page.getByText(/Becomes/)).toHaveCount(0);
  await page.getByRole("link", { name: "Farid Haddad" }).click();
  await expect(page.getByText("The role Admin ended and became Editor")).toBeVisible();
});

test("everybody that fits is selected at once, up to two hundred", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await members(page);
  await page.getByRole("combobox", { name: "Role" }).selectOption("Viewer");
  await expect(page.getByText("11 people")).toBeVisible();
  await page.getByRole("checkbox", { name: "Select all" }).check();
  await expect(page.getByText("9 selected")).toBeVisible();
});

test("one member: an address of its own, history, and removal with handover", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await members(page);
  await page.getByRole("link", { name: "Emre Yıldız" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Emre Yıldız" })).toBeVisible();
  await expect(page.getByRole("row", { name: "Research Admin Granted" })).toBeVisible();
  await page.getByRole("button", { name: "Change role" }).click();
  const dialog = page.getByRole("dialog", { name: "Change role" });
  await dialog.getByRole("radio", { name: "Viewer" }).check();
  await expect(dialog.getByText("Delete spaces as their admin")).toBeVisible();
  await dialog.getByRole("button", { name: "Change role" }).click();
  await expect(page.getByText("Ada Lindqvist changed the role from Editor to Viewer")).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { level: 1, name: "Emre Yıldız" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Remove member" }).click();
  const removal = page.getByRole("dialog", { name: "Remove member" });
  await expect(removal.getByText("1 space would have no admin of its own: Research")).toBeVisible();
  await removal.getByLabel("Hand over to").selectOption("Elif Demir");
  await expectAccessible(page);
  await removal.getByRole("button", { name: "Remove member" }).click();
  await expect(page.getByText("Emre Yıldız was removed")).toBeVisible();
  await expect(page.getByText("18 people")).toBeVisible();
  await page.getByRole("link", { name: "Elif Demir" }).click();
  await expect(page.getByRole("row", { name: "Research Admin Granted" })).toBeVisible();
});

test("the last admin stays, and the page says why before the click", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await page.goto("/o/" + (await page.evaluate(async () => (await (await fetch("/api/v1/organizations")).json()).organizations.find((o) => o.name === "Northwind Labs").id)) + "/manage/members");
  await page.getByRole("link", { name: "admin@acme.test" }).click();
  const remove = page.getByRole("button", { name: "Remove member" });
  await expect(remove).toHaveAccessibleDescription(/keeps at least one admin/);
  await page.getByRole("button", { name: "Change role" }).click();
  const dialog = page.getByRole("dialog", { name: "Change role" });
  await dialog.getByRole("radio", { name: "Viewer" }).check();
  await expect(dialog.getByRole("button", { name: "Change role" })).toHaveAccessibleDescription(/keeps at least one admin/);
});

test("members are changed by admins, and invited by editors where that is allowed", async ({ page, browser, server }) => {
  await page.goto("/");
  await signIn(page, "editor@acme.test");
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  const overview = page.url();
  await page.goto(overview + "/manage/members");
  await expect(page.locator(".member-row .person").first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Invite members" })).toHaveCount(0);

  const context = await browser.newContext({ baseURL: server.address });
  const admin = await context.newPage();
  await admin.goto("/");
  await signIn(admin, "admin@acme.test");
  await admin.getByRole("link", { name: "Manage Organization", exact: true }).click();
  await admin.getByRole("checkbox", { name: "Editors may invite" }).check();
  await admin.getByRole("button", { name: "Save changes" }).click();
  await expect(admin.getByText("Saved")).toBeVisible();
  await context.close();

  await page.goto(overview);
  await page.getByRole("main").getByRole("link", { name: "Members", exact: true }).first().click();
  await expect(page.getByText("19 people")).toBeVisible();
  // To look at, not to change.
  await expect(page.getByRole("checkbox")).toHaveCount(0);
  await expect(page.getByRole("link", { name: "admin@acme.test" })).toHaveCount(0);
  await expect(page.getByRole("link", { name: "Space access" })).toHaveCount(0);
  await page.getByRole("button", { name: "Invite members" }).click();
  const dialog = page.getByRole("dialog", { name: "Invite members" });
  await expect(dialog.getByRole("combobox", { name: "Role" }).getByRole("option")).toHaveText(["Viewer", "Editor"]);
  await expect(dialog.getByRole("combobox", { name: "Add a space" }).getByRole("option")).toHaveText(["Choose a space…", "Research"]);
  await dialog.getByLabel("Email addresses").fill("friend@guest.test");
  await dialog.getByRole("button", { name: "Check" }).click();
  await dialog.getByRole("button", { name: "Send invitations" }).click();
  await expect(page.getByText("20 people")).toBeVisible();
});

test("a part that fails says so in its place, and comes when it is asked for again", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await page.route("**/spaces", (route) => route.abort());
  await members(page);
  const alert = page.getByRole("alert").filter({ hasText: "could not be reached" });
  await expect(alert).toBeVisible();
  await expect(page.getByRole("link", { name: "admin@acme.test" })).toBeVisible();
  await page.unroute("**/spaces");
  await alert.getByRole("button", { name: "Try again" }).click();
  await expect(alert).toBeHidden();
});
