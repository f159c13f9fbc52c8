// Who an address belongs to, and who stands behind an invitation.
import { expect, expectAccessible, open, openMenu, signIn, test } from "./fixture.mjs";

const organizationOf = (page) => page.url().match(/org_[0-9a-f]+/)[0];

/** Asks the server for something, as the person of a page, in the organization that it shows. */
async function ask(page, method, path, data) {
  const headers = { Origin: new URL(page.url()).origin, "Idempotency-Key": crypto.randomUUID() };
  const answer = await page.request[method](`/api/v1/organizations/${organizationOf(page)}${path}`, { data, headers });
  expect(answer.ok(), await answer.text()).toBe(true);
  return answer.status() === 204 ? null : answer.json();
}

/** Invites somebody; gives the invitation's identifier. */
async function invite(page, email, role) {
  const { receipts } = await ask(page, "post", "/invitations", { rows: [{ email, role }] });
  expect(receipts[0].outcome.is).toBe("new");
  const { entries } = await ask(page, "get", `/members?status=pending&search=${encodeURIComponent(email)}`);
  return entries[0].id;
}

/** Somebody in a browser of their own. */
async function elsewhere(browser, server, email) {
  const context = await browser.newContext({ baseURL: server.address, locale: "en-US" });
  const page = await context.newPage();
  if (email) {
    await page.goto("/");
    await signIn(page, email);
  }
  return page;
}

/** The link of the newest mail that leads to a page. */
async function mailed(server, page) {
  return (await server.outbox()).match(new RegExp(`http\\S+/${page}#\\S+`))[0];
}

test("an editor who may invite gets no link of an admin's invitation", async ({ page, browser, server }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "");
  const organization = `/api/v1/organizations/${organizationOf(page)}`;
  const tag = (await page.request.get(organization)).headers().etag;
  await page.request.patch(organization, { data: { editors_may_invite: true }, headers: { Origin: server.address, "If-Match": tag } });
  const boss = await invite(page, "boss@guest.test", "admin");
  await invite(page, "helper@guest.test", "viewer");

  const editor = await elsewhere(browser, server, "editor@acme.test");
  await open(editor, "/manage/members?status=pending");
  await editor.getByRole("link", { name: "boss@guest.test" }).click();
  await expect(editor.getByRole("heading", { level: 1, name: "boss@guest.test" })).toBeVisible();
  await expect(editor.getByText("It gives more than you can grant")).toBeVisible();
  for (const name of ["Copy link", "Resend", "Revoke invitation", "Save changes"]) {
    await expect(editor.getByRole("button", { name })).toHaveCount(0);
  }
  await expectAccessible(editor);
  const refused = await editor.request.post(`${organization}/invitations/${boss}/link`, { headers: { Origin: server.address } });
  expect(refused.status()).toBe(403);
  expect(await refused.text()).not.toContain("/invitation#");
  // What they could have given themselves is theirs to hand out.
  await open(editor, "/manage/members?status=pending");
  await editor.getByRole("link", { name: "helper@guest.test" }).click();
  await expect(editor.getByRole("button", { name: "Copy link" })).toBeVisible();
  await editor.context().close();
});

test("an account made by a copied link sees no invitations until its address is verified", async ({ page, browser, server }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "");
  const id = await invite(page, "claimed@guest.test", "viewer");
  const { link } = await ask(page, "post", `/invitations/${id}/link`);
  const guest = await elsewhere(browser, server);
  await guest.goto(link);
  await guest.getByLabel("Your name").fill("Casey Claimed");
  await guest.getByLabel("New password").fill("a long new password");
  await guest.getByRole("button", { name: "Create account and accept" }).click();
  await expect(guest.getByRole("heading", { level: 2, name: "Acme Robotics" })).toBeVisible();

  // Another organization invites the address.
  const other = await elsewhere(browser, server, "operations@acme.test");
  const globex = (await (await other.request.get("/api/v1/organizations")).json()).organizations.find(({ name }) => name === "Globex");
  await other.goto(`/o/${globex.id}`);
  await invite(other, "claimed@guest.test", "editor");
  await guest.reload();
  await expect(guest.getByRole("button", { name: "Profile menu", exact: true })).toBeVisible();
  const menu = await openMenu(guest);
  await expect(menu.getByRole("menuitem", { name: /Globex/ })).toHaveCount(0);
  await expectAccessible(guest);
  await menu.getByRole("menuitem", { name: /^Account.*Not verified/ }).click();
  const profile = guest.getByRole("form", { name: "Profile" });
  await expect(profile.getByText("Not verified")).toBeVisible();
  await expectAccessible(guest);
  await profile.getByRole("button", { name: "Send verification email" }).click();
  // No mail server here, and the page does not say that anything was sent.
  await expect(profile.getByText("This installation does not send email.")).toBeVisible();

  const verify = await mailed(server, "verify");
  // Whoever reads the mailbox does not vouch for an account that is not theirs.
  await other.goto(verify);
  await expect(other.getByText("operations@acme.test is verified.")).toBeVisible();
  await guest.goto("/api/docs");
  await guest.goto(verify);
  await expect(guest.getByText("claimed@guest.test is verified.")).toBeVisible();
  await expectAccessible(guest);
  await guest.getByRole("button", { name: "Profile menu, 1 invitation" }).waitFor();
  await openMenu(guest);
  await guest.getByRole("menuitem", { name: /Globex/ }).click();
  await guest.getByRole("dialog", { name: "Invitation" }).getByRole("button", { name: "Accept" }).click();
  await expect(guest.getByText("You belong to Globex now")).toBeVisible();
  await open(page, "/manage/members?search=claimed");
  await page.getByRole("link", { name: "Casey Claimed" }).click();
  await expect(page.getByRole("heading", { level: 2, name: "Casey Claimed" })).toBeVisible();
  await expect(page.getByText("Not verified")).toHaveCount(0);
  await guest.goto("/api/docs");
  await guest.goto("/verify#made-up");
  await expect(guest.getByText("claimed@guest.test is verified.")).toBeVisible();
  await guest.context().close();
  await other.context().close();
});

test("an invitation of somebody who was removed is refused with the reason, until somebody else resends it", async ({ page, browser, server }) => {
  const operations = await elsewhere(browser, server, "operations@acme.test");
  const acme = (await (await operations.request.get("/api/v1/organizations")).json()).organizations.find(({ name }) => name === "Acme Robotics");
  await operations.goto(`/o/${acme.id}`);
  const id = await invite(operations, "late@guest.test", "viewer");
  const link = await mailed(server, "invitation");
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await page.goto(`/o/${acme.id}`);
  const { entries } = await ask(page, "get", "/members?search=operations%40acme.test");
  await ask(page, "delete", `/members/${entries[0].user_id}`, {});

  const guest = await elsewhere(browser, server);
  await guest.goto(link);
  await expect(guest.getByRole("alert")).toContainText("can no longer grant this access");
  await page.goto(`/o/${acme.id}/manage/members/${id}`);
  await expect(page.getByText("Olivia Hart can no longer grant this access")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Resend" }).click();
  await expect(page.getByText("Olivia Hart can no longer grant this access")).toHaveCount(0);
  await guest.goto("/api/docs");
  await guest.goto(await mailed(server, "invitation"));
  await expect(guest.getByText("Ada Lindqvist invites you to Acme Robotics")).toBeVisible();
  await guest.context().close();
  await operations.context().close();
});

test("a program that looks at the link does not count as the invited who opened it", async ({ page, browser, server }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "");
  const id = await invite(page, "scanned@guest.test", "viewer");
  const link = await mailed(server, "invitation");
  const guest = await elsewhere(browser, server);
  await guest.goto(link);
  await expect(guest.getByText("invites you to Acme Robotics")).toBeVisible();
  await guest.waitForTimeout(500);
  await open(page, `/manage/members/${id}`);
  await expect(page.getByText("Not opened yet")).toBeVisible();
  const seen = guest.waitForResponse(/\/invitation\/seen$/);
  await guest.mouse.move(100, 100);
  await seen;
  await page.reload();
  await expect(page.getByRole("heading", { level: 1, name: "scanned@guest.test" })).toBeVisible();
  await expect(page.getByText("Not opened yet")).toHaveCount(0);
  await guest.context().close();
});
