import { expect, expectAccessible, openMenu, signIn, test } from "./fixture.mjs";

/** The link in the newest mail to somebody, as the outbox of the installation shows it. */
async function link(page, email) {
  await page.goto("/outbox");
  const mail = page.getByRole("listitem").filter({ hasText: `To ${email}` }).first();
  await mail.getByText("Invitation to").click();
  return mail.getByRole("link").getAttribute("href");
}
async function members(page) {
  await page.goto("/");
  await page.getByRole("link", { name: "Manage Organization", exact: true }).click();
  await page.getByRole("navigation", { name: "Manage Organization" }).getByRole("link", { name: "Members" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Members" })).toBeVisible();
}
async function invite(page, text) {
  await members(page);
  await page.getByRole("button", { name: "Invite members" }).click();
  const dialog = page.getByRole("dialog", { name: "Invite members" });
  await dialog.getByLabel("Email addresses").fill(text);
  return dialog;
}
/** Of a long list only the rows in sight are on the page: search first. */
const find = (page, text) => page.getByRole("searchbox", { name: "Find by name" }).fill(text);
const line = (dialog, text) => dialog.getByRole("listitem").filter({ hasText: text });
const row = (page, text) => page.getByRole("row").filter({ hasText: text });

test("sixty mixed addresses: pasted, checked, sent, and one accepts as a new person", async ({ page, browser, server }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  const people = Array.from({ length: 55 }, (_, index) => `new${index}@guest.test`);
  const text = ["email;role", "ada.new@guest.test;editor", ...people.slice(0, 30), people.slice(30).join(", "), "Bruno Costa <bruno@acme.test>", "sofia@partner.test", "not an address", "x@"].join("\n");
  const dialog = await invite(page, text);
  // Spaces for all of them; one row gets another.
  await dialog.getByRole("combobox", { name: "Add a space" }).selectOption("Research");
  await dialog.getByLabel("Role of Research").selectOption("Editor");
  await dialog.getByRole("button", { name: "Check" }).click();
  await expect(dialog.getByText("56 people will be invited.")).toBeVisible();
  await expect(line(dialog, "bruno@acme.test")).toContainText("Already a member, as Viewer");
  await expect(line(dialog, "sofia@partner.test")).toContainText("Already invited");
  await expect(line(dialog, "not an address")).toContainText("Not an email address.");
  await expect(dialog.getByLabel("Role of ada.new@guest.test")).toHaveValue("editor");
  await dialog.getByLabel("Role of new0@guest.test").selectOption("Editor");
  await line(dialog, "new0@guest.test").getByText("1 space").click();
  await line(dialog, "new0@guest.test").getByRole("combobox", { name: "Add a space" }).selectOption("Board");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Send invitations" }).dblclick();
  await expect(page.getByText("56 invitations created")).toBeVisible();
  await expect(page.getByText("75 people")).toBeVisible();

  const context = await browser.newContext({ baseURL: server.address });
  const guest = await context.newPage();
  await guest.goto(await link(page, "new0@guest.test"));
  await expect(guest.getByRole("heading", { level: 1, name: "Invitation" })).toBeVisible();
  await expect(guest.getByText("Ada Lindqvist invites you to Acme Robotics")).toBeVisible();
  await expect(guest.getByText(/^Editor:/)).toBeVisible();
  await expect(guest.getByText("Board, Research")).toBeVisible();
  await guest.getByRole("button", { name: "Create account and accept" }).click();
  await expect(guest.getByText("This is required.")).toHaveCount(2);
  await guest.getByLabel("Your name").fill("Nora Newcomer");
  await guest.getByLabel("New password").fill("a long new password");
  await expectAccessible(guest);
  await guest.getByRole("button", { name: "Create account and accept" }).click();
  await expect(guest.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  await expect(guest.getByRole("heading", { level: 2, name: "Acme Robotics" })).toBeVisible();
  await context.close();
  await members(page);
  await page.getByRole("searchbox", { name: "Find by name" }).fill("nora");
  await page.getByRole("link", { name: "Nora Newcomer" }).click();
  await expect(page.getByText("Nora Newcomer accepted an invitation as Editor")).toBeVisible();
  await expect(page.getByRole("row", { name: "Research Editor Granted" })).toBeVisible();
  await expect(page.getByRole("row", { name: "Board Viewer Granted" })).toBeVisible();
});

test("resent, the old link is worthless; an existing person signs in and accepts; another declines; one is revoked", async ({ page, browser, server }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  const dialog = await invite(page, "many@acme.test, no.thanks@guest.test, revoked@guest.test");
  await dialog.getByRole("button", { name: "Check" }).click();
  await dialog.getByRole("button", { name: "Send invitations" }).click();
  await expect(row(page, "many@acme.test").getByText("Pending")).toBeVisible();
  await expect(row(page, "many@acme.test").getByText("Expires in 7 days")).toBeVisible();
  await expectAccessible(page);
  const old = await link(page, "many@acme.test");
  const revoked = await link(page, "revoked@guest.test");
  await members(page);
  await page.getByRole("link", { name: "many@acme.test" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "many@acme.test" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("combobox", { name: "Role" }).selectOption("Editor");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Saved")).toBeVisible();
  await page.getByRole("button", { name: "Resend" }).click();
  await expect(page.getByText("the link before no longer works")).toBeVisible();
  await page.getByRole("link", { name: "All members" }).click();
  await find(page, "revoked");
  await page.getByRole("link", { name: "revoked@guest.test" }).click();
  await page.getByRole("button", { name: "Revoke invitation" }).click();
  await page.getByRole("dialog", { name: "Revoke invitation" }).getByRole("button", { name: "Revoke invitation" }).click();
  await expect(page.getByText("21 people")).toBeVisible();

  const context = await browser.newContext({ baseURL: server.address });
  const guest = await context.newPage();
  for (const worthless of [old, revoked]) {
    await guest.goto("/api/docs");
    await guest.goto(worthless);
    await expect(guest.getByRole("alert")).toContainText("can no longer be answered");
  }
  await guest.goto("/api/docs");
  await guest.goto(await link(page, "no.thanks@guest.test"));
  await guest.getByRole("button", { name: "Decline" }).click();
  await expect(guest.getByText("You declined.")).toBeVisible();
  await guest.goto("/api/docs");
  await guest.goto(await link(page, "many@acme.test"));
  await signIn(guest, "many@acme.test");
  await guest.getByRole("button", { name: "Accept" }).click();
  await expect(guest.getByRole("heading", { level: 2, name: "Acme Robotics" })).toBeVisible();
  await context.close();
  await members(page);
  await find(page, "no.thanks");
  await expect(row(page, "no.thanks@guest.test").getByText("Declined")).toBeVisible();
  await find(page, "Manuel");
  await expect(row(page, "Manuel Ortega").getByRole("button", { name: "Editor" })).toBeVisible();
});

test("a copied link works beside the mailed one; after a week both are expired, and the page says so", async ({ page, context, browser, server }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  const dialog = await invite(page, "late@guest.test");
  await dialog.getByRole("button", { name: "Check" }).click();
  await dialog.getByRole("button", { name: "Send invitations" }).click();
  await page.getByRole("link", { name: "late@guest.test" }).click();
  await page.getByRole("button", { name: "Copy link" }).click();
  await expect(page.getByText("Only late@guest.test can use it, once.")).toBeVisible();
  const copied = await page.evaluate(() => navigator.clipboard.readText());
  const mailed = await link(page, "late@guest.test");
  const other = await browser.newContext({ baseURL: server.address });
  const guest = await other.newPage();
  for (const good of [copied, mailed]) {
    await guest.goto("/api/docs");
    await guest.goto(good);
    await expect(guest.getByText("invites you to Acme Robotics")).toBeVisible();
  }
  await server.restart("--clock-ahead-hours", String(8 * 24));
  for (const worthless of [copied, mailed]) {
    await guest.goto("/api/docs");
    await guest.goto(worthless);
    await expect(guest.getByRole("alert")).toContainText("can no longer be answered");
  }
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await members(page);
  await expect(row(page, "late@guest.test").getByText("Expired")).toBeVisible();
  await page.getByRole("link", { name: "late@guest.test" }).click();
  await expect(page.getByRole("button", { name: "Copy link" })).toHaveCount(0);
  await page.getByRole("button", { name: "Resend" }).click();
  await expect(page.getByRole("button", { name: "Copy link" })).toBeVisible();
  await guest.goto("/api/docs");
  await guest.goto(await link(page, "late@guest.test"));
  await expect(guest.getByText("invites you to Acme Robotics")).toBeVisible();
  await other.close();
});

test("an invitation waits in the profile menu, and is accepted in place", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "editor@acme.test");
  await page.getByRole("button", { name: "Profile menu, 1 invitation" }).waitFor();
  const menu = await openMenu(page);
  await expectAccessible(page);
  await menu.getByRole("menuitem", { name: /Northwind Labs/ }).click();
  const dialog = page.getByRole("dialog", { name: "Invitation" });
  await expect(dialog.getByText("Ada Lindqvist invites you to Northwind Labs")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Accept" }).click();
  await expect(page.getByText("You belong to Northwind Labs now")).toBeVisible();
  await expect(page.getByRole("heading", { level: 2, name: "Northwind Labs" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Profile menu", exact: true })).toBeVisible();
});

test("a template gives everybody the same; seats that are taken are told before sending", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await members(page);
  await page.getByRole("link", { name: "Access templates" }).click();
  await expect(page.getByRole("heading", { level: 2, name: "Contractor" })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "New template" }).click();
  const form = page.getByRole("dialog", { name: "New template" });
  await form.getByRole("textbox", { name: "Name" }).fill("contractor");
  await form.getByLabel("Ends after").fill("30");
  await form.getByRole("button", { name: "Create template" }).click();
  await expect(form.getByRole("textbox", { name: "Name" })).toHaveAccessibleDescription(/twice|already/i);
  await form.getByRole("textbox", { name: "Name" }).fill("Support trainee");
  await form.getByRole("combobox", { name: "Role" }).selectOption("Editor");
  await form.getByRole("combobox", { name: "Add a space" }).selectOption("Customer Support");
  await expectAccessible(page);
  await form.getByRole("button", { name: "Create template" }).click();
  await expect(page.getByRole("heading", { level: 2, name: "Support trainee" })).toBeVisible();
  await expect(page.getByText("1 space · Ends after 30 days")).toBeVisible();

  const dialog = await invite(page, "trainee@guest.test");
  await dialog.getByLabel("Access template").selectOption("Support trainee");
  await expect(dialog.getByRole("combobox", { name: "Role", exact: true })).toHaveValue("editor");
  await dialog.getByRole("button", { name: "Check" }).click();
  await dialog.getByRole("button", { name: "Send invitations" }).click();
  await expect(page.getByText("1 invitation created")).toBeVisible();
  await find(page, "trainee");
  await expect(row(page, "trainee@guest.test")).toContainText("Customer Support");

  // Northwind has five seats: two members and one pending invitation leave two.
  const menu = await openMenu(page);
  await menu.getByRole("menuitemradio", { name: /Northwind Labs/ }).click();
  await find(page, "");
  await expect(page.getByText("3 people")).toBeVisible();
  await page.getByRole("button", { name: "Invite members" }).click();
  const full = page.getByRole("dialog", { name: "Invite members" });
  await full.getByLabel("Email addresses").fill("a@guest.test b@guest.test\nb@guest.test\nc@guest.test, d@guest.test");
  await full.getByRole("button", { name: "Check" }).click();
  await expect(full.getByText("3 of 5 seats taken")).toBeVisible();
  await expect(line(full, "d@guest.test")).toContainText("No seat is left");
  await full.getByRole("button", { name: "Send invitations" }).click();
  await expect(page.getByText("2 invitations created")).toBeVisible();
});

test("the outbox is there for those who look after the installation alone", async ({ page }) => {
  await page.goto("/outbox");
  await signIn(page, "admin@acme.test");
  await expect(page.getByRole("heading", { level: 1, name: "Outbox" })).toBeVisible();
  await expect(page.getByText("No mails yet.")).toBeVisible();
  await expectAccessible(page);
  const menu = await openMenu(page);
  await expect(menu.getByRole("menuitem", { name: "Outbox" })).toBeVisible();
  await menu.getByRole("menuitem", { name: "Sign out" }).click();
  await page.goto("/outbox");
  await signIn(page, "operations@acme.test");
  await expect(page.getByRole("heading", { level: 1, name: "Not found" })).toBeVisible();
});

test("a list out of a mail program invites six viewers, whatever they are called; a table with two columns of addresses is asked about", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  const dialog = await invite(page, "Muster, Erika <erika.muster@case1.test>; O'Neil, Brian (Research) <brian.oneil@case1.test>; Admin, Otto <otto.admin@case1.test>; de la Cruz, Ana María <ana.cruz@case1.test>; 'wei.chen@case1.test' <wei.chen@case1.test>; Facilities Team <facilities@case1.test>;\n");
  await dialog.getByRole("button", { name: "Check" }).click();
  await expect(dialog.getByText("6 people will be invited.")).toBeVisible();
  await expect(dialog.getByText("Not an email address.")).toHaveCount(0);
  for (const name of ["erika.muster", "brian.oneil", "otto.admin", "ana.cruz", "wei.chen", "facilities"]) {
    await expect(dialog.getByLabel(`Role of ${name}@case1.test`)).toHaveValue("viewer");
  }
  await dialog.getByRole("button", { name: "Back" }).click();
  await dialog.getByLabel("Email addresses").fill("Name,Work email,Private email,Role\nAda,ada@work.test,ada@home.test,Editor\nAdmin Bob,bob@work.test,bob@home.test,");
  await dialog.getByRole("button", { name: "Check" }).click();
  await expect(dialog.getByRole("alert")).toContainText("Several columns hold email addresses");
  await expectAccessible(page);
  await dialog.getByLabel("Column with the email addresses").selectOption("Private email: ada@home.test");
  await dialog.getByRole("button", { name: "Check" }).click();
  await expect(dialog.getByText("2 people will be invited.")).toBeVisible();
  await expect(dialog.getByLabel("Role of ada@home.test")).toHaveValue("editor");
  await expect(dialog.getByLabel("Role of bob@home.test")).toHaveValue("viewer");
});
