import { expect, expectAccessible, signIn, test } from "./fixture.mjs";

/** The link in the newest mail to somebody, as the installation's operator reads it. */
async function link(server, email) {
  const mail = (await server.outbox()).split("To: ").find((mail) => mail.startsWith(email));
  return mail.match(/\S+(\/invitation#\S+)/)[1];
}
async function invite(page, text) {
  await page.getByRole("link", { name: "Manage Organization" }).click();
  await page.getByRole("navigation", { name: "Manage Organization" }).getByRole("link", { name: "Members" }).click();
  await page.getByRole("button", { name: "Invite members" }).click();
  const dialog = page.getByRole("dialog", { name: "Invite members" });
  await dialog.getByLabel("Email addresses").fill(text);
  await dialog.getByRole("button", { name: "Check" }).click();
  return dialog;
}

test("sixty mixed addresses: pasted, checked, sent, and one accepts as a new person", async ({ page, browser, server }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  const people = Array.from({ length: 55 }, (_, index) => `new${index}@guest.test`);
  const text = ["email;role", "ada.new@guest.test;editor", ...people.slice(0, 30), people.slice(30).join(", "), "Bruno Costa <bruno@acme.test>", "not an address", "x@"].join("\n");
  const dialog = await invite(page, text);
  await expect(dialog.getByText("56 people will be invited.")).toBeVisible();
  await expect(dialog.getByRole("listitem").filter({ hasText: "bruno@acme.test" })).toContainText("Already a member, as Viewer");
  await expect(dialog.getByRole("listitem").filter({ hasText: "not an address" })).toContainText("Not an email address.");
  await expect(dialog.getByLabel("Role of ada.new@guest.test")).toHaveValue("editor");
  await dialog.getByLabel("Role of new0@guest.test").selectOption("Editor");
  await expectAccessible(page);
  await dialog.getByRole("button", { name: "Send invitations" }).dblclick();
  await expect(page.getByText("56 invitations sent")).toBeVisible();
  await expect(page.getByText("56 open invitations")).toBeVisible();

  const context = await browser.newContext({ baseURL: server.address });
  const guest = await context.newPage();
  await guest.goto(await link(server, "new0@guest.test"));
  await expect(guest.getByRole("heading", { level: 1, name: "Invitation" })).toBeVisible();
  await expect(guest.getByText("Ada Lindqvist invites you to Acme Robotics")).toBeVisible();
  await expect(guest.getByText(/^Editor:/)).toBeVisible();
  await guest.getByRole("button", { name: "Create account and accept" }).click();
  await expect(guest.getByText("This is required.")).toHaveCount(2);
  await guest.getByLabel("Your name").fill("Nora Newcomer");
  await guest.getByLabel("New password").fill("a long new password");
  await expectAccessible(guest);
  await guest.getByRole("button", { name: "Create account and accept" }).click();
  await expect(guest.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  await expect(guest.getByRole("heading", { level: 2, name: "Acme Robotics" })).toBeVisible();
  await context.close();
  await page.reload();
  await expect(page.getByText("55 open invitations")).toBeVisible();
  await page.getByRole("searchbox", { name: "Find by name" }).fill("nora");
  await page.getByRole("link", { name: "Nora Newcomer" }).click();
  await expect(page.getByText("Nora Newcomer accepted an invitation as Editor")).toBeVisible();
});

test("resent, the old link is worthless; an existing person signs in and accepts; another declines; one is revoked", async ({ page, browser, server }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  const dialog = await invite(page, "many@acme.test, no.thanks@guest.test, revoked@guest.test");
  await dialog.getByRole("button", { name: "Send invitations" }).click();
  await expect(page.getByText("3 open invitations")).toBeVisible();
  await expectAccessible(page);
  const row = (email) => page.getByRole("listitem").filter({ hasText: email });
  const old = await link(server, "many@acme.test");
  await row("many@acme.test").getByRole("button", { name: "Resend" }).click();
  await expect(page.getByText("the link before no longer works")).toBeVisible();
  const revoked = await link(server, "revoked@guest.test");
  await row("revoked@guest.test").getByRole("button", { name: "Revoke" }).click();
  await expect(page.getByText("2 open invitations")).toBeVisible();

  const context = await browser.newContext({ baseURL: server.address });
  const guest = await context.newPage();
  for (const worthless of [old, revoked]) {
    await guest.goto("/api/docs");
    await guest.goto(worthless);
    await expect(guest.getByRole("alert")).toContainText("can no longer be answered");
  }
  await guest.goto("/api/docs");
  await guest.goto(await link(server, "no.thanks@guest.test"));
  await guest.getByRole("button", { name: "Decline" }).click();
  await expect(guest.getByText("You declined.")).toBeVisible();
  await guest.goto("/api/docs");
  await guest.goto(await link(server, "many@acme.test"));
  await signIn(guest, "many@acme.test");
  await guest.getByRole("button", { name: "Accept" }).click();
  await expect(guest.getByRole("heading", { level: 2, name: "Acme Robotics" })).toBeVisible();
  await context.close();
  await page.reload();
  await expect(row("no.thanks@guest.test").getByText("Declined")).toBeVisible();
  await expect(page.getByText("17 members")).toBeVisible();
});
