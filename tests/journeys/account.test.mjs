import { expect, expectAccessible, open, openMenu, signIn, test } from "./fixture.mjs";
import { password } from "../console.mjs";

/** A second browser of somebody. */
async function elsewhere(browser, server, email) {
  const context = await browser.newContext({ baseURL: server.address, locale: "en-US", timezoneId: "Europe/Zurich" });
  const page = await context.newPage();
  await page.goto("/");
  await signIn(page, email);
  return page;
}

/** Asks the server to change something, as the person of a page. */
async function change(page, method, path, data) {
  const organization = page.url().match(/org_[0-9a-f]+/)[0];
  const answer = await page.request[method](`/api/v1/organizations/${organization}${path}`, { data, headers: { Origin: new URL(page.url()).origin } });
  expect(answer.ok(), await answer.text()).toBe(true);
  return answer;
}

/** The identifier of a member. */
async function member(page, email) {
  const organization = page.url().match(/org_[0-9a-f]+/)[0];
  const { entries } = await (await page.request.get(`/api/v1/organizations/${organization}/members?search=${encodeURIComponent(email)}`)).json();
  return entries[0].user_id;
}

test("the account: name and preferences are saved, and hold everywhere", async ({ page, browser, server }) => {
  await page.goto("/");
  await signIn(page, "viewer@acme.test");
  const menu = await openMenu(page);
  await menu.getByRole("menuitem", { name: "Account" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Account" })).toBeVisible();
  await expectAccessible(page);
  await page.getByLabel("Name", { exact: true }).fill("");
  await expect(page.getByText("This is required.")).toBeVisible();
  await page.getByLabel("Name", { exact: true }).fill("Vera Okafor-Lind");
  await page.getByLabel("Theme", { exact: true }).selectOption("Dark");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Changes saved")).toBeVisible();
  await expect(page.locator("html")).toHaveAttribute("data-theme", "dark");
  const other = await elsewhere(browser, server, "viewer@acme.test");
  await expect(other.locator("html")).toHaveAttribute("data-theme", "dark");
  // Changed there, it shows here within a second.
  await page.goto("/");
  await expect(page).toHaveURL(/\/o\/org_/);
  await other.goto("/account");
  await other.getByLabel("Name", { exact: true }).fill("Vera Okafor");
  await other.getByRole("button", { name: "Save changes" }).click();
  await expect(other.getByText("Changes saved")).toBeVisible();
  await openMenu(page);
  await expect(page.locator(".profile-person")).toContainText("Vera Okafor");
});

test("a picture: refused with the reason, uploaded, shown", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "editor@acme.test");
  await page.goto("/account");
  const picture = page.getByLabel("Picture", { exact: true });
  await picture.fill("http://plain.example/a.png");
  await expect(page.getByText("The address must begin with https://")).toBeVisible();
  await picture.fill("https://127.0.0.1/a.png");
  await expect(page.getByText("The server could not fetch a picture from this address.")).toBeVisible();
  await picture.fill("");
  const svg = (side) => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}"><script>alert(1)</script><rect width="100%" height="100%" fill="teal"/></svg>`);
  const file = page.locator("input[type=file]");
  await file.setInputFiles({ name: "small.svg", mimeType: "image/svg+xml", buffer: svg(64) });
  await expect(page.getByText("Each side must have 120 to 1,800 pixels.")).toBeVisible();
  await file.setInputFiles({ name: "notes.txt", mimeType: "image/png", buffer: Buffer.from("no picture") });
  await expect(page.getByText("This is a text file, not an image.")).toBeVisible();
  await file.setInputFiles({ name: "good.svg", mimeType: "image/svg+xml", buffer: svg(240) });
  await expect(page.getByText("240 × 240 pixels. This works.")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Changes saved")).toBeVisible();
  const shown = page.getByRole("button", { name: "Profile menu" }).locator("img");
  await expect(shown).toHaveAttribute("src", /^\/images\/[0-9a-f]{64}$/);
  const kept = await page.request.get(await shown.getAttribute("src"));
  expect(await kept.text()).not.toContain("alert");
  expect(kept.headers()["content-security-policy"]).toContain("sandbox");
});

test("a session that is ended elsewhere dies at once, and says so", async ({ page, browser, server }) => {
  await page.goto("/");
  await signIn(page, "editor@acme.test");
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  const other = await elsewhere(browser, server, "editor@acme.test");
  await other.goto("/account");
  await expect(other.getByText("this one")).toBeVisible();
  await other.getByRole("button", { name: /^End session on Chrome/ }).click();
  await expect(other.getByText("The session was ended")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  await expect(page.getByText("Your session on this device was ended.")).toBeVisible();
  await expect(page.getByText("Acme Robotics")).toHaveCount(0);
  await expectAccessible(page);
});

test("a new password: the old one is asked for, and every other session ends", async ({ page, browser, server }) => {
  await page.goto("/");
  await signIn(page, "viewer@acme.test");
  const other = await elsewhere(browser, server, "viewer@acme.test");
  await page.goto("/account");
  const form = page.getByRole("form", { name: "Change password" });
  await form.getByLabel("Current password").fill("not this one");
  await form.getByLabel("New password").fill("short");
  await form.getByRole("button", { name: "Change password" }).click();
  await expect(form.getByText("At least 12 characters.").first()).toBeVisible();
  await form.getByLabel("New password").fill("a completely new password");
  await form.getByRole("button", { name: "Change password" }).click();
  await expect(form.getByText("This is not your current password.")).toBeVisible();
  await form.getByLabel("Current password").fill(password);
  await form.getByRole("button", { name: "Change password" }).click();
  await expect(page.getByText("The password is changed")).toBeVisible();
  await expect(other.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("heading", { level: 1, name: "Account" })).toBeVisible();
});

test("a role that a second admin changes shows while a page is open", async ({ page, browser, server }) => {
  await page.goto("/");
  await signIn(page, "editor@acme.test");
  await open(page, "/manage/routers");
  await expect(page.getByText("4 routers")).toBeVisible();
  const admin = await elsewhere(browser, server, "admin@acme.test");
  const editor = await member(admin, "editor@acme.test");
  await change(admin, "patch", "/members", { changes: [{ user_id: editor, role: "viewer" }] });
  await expect(page.getByText(/Your role in Acme Robotics is now Viewer, changed by Ada/).first()).toBeVisible();
  // The name too, in the header, without a reload.
  await page.goto("/");
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  const organization = admin.url().match(/org_[0-9a-f]+/)[0];
  const { version } = await (await admin.request.get(`/api/v1/organizations/${organization}`)).json();
  await admin.request.patch(`/api/v1/organizations/${organization}`, { data: { name: "Acme Robots" }, headers: { "If-Match": `"${version}"`, Origin: server.address } });
  await expect(page.getByRole("banner").getByRole("link", { name: "Acme Robots" })).toBeVisible();
  // And who is removed is told that, not shown an error.
  await change(admin, "delete", `/members/${editor}`);
  await expect(page.getByRole("heading", { level: 1, name: "Not found" })).toBeVisible();
  await expect(page.getByText(/You no longer belong to Acme Robots: Ada/)).toBeVisible();
  await expect(page.getByRole("alert").filter({ hasText: /./ })).toHaveCount(0);
  await expectAccessible(page);
});

test("two tabs: signing out in one ends the other, and leaves nothing behind", async ({ page, context }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/members");
  await expect(page.getByText("19 people")).toBeVisible();
  const second = await context.newPage();
  await second.goto(page.url());
  await expect(second.getByText("19 people")).toBeVisible();
  const menu = await openMenu(page);
  await menu.getByRole("menuitem", { name: "Sign out" }).click();
  for (const tab of [page, second]) {
    await expect(tab.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
    const left = await tab.evaluate(async () => {
      const caches = await Promise.all((await globalThis.caches.keys()).map((name) => name));
      const databases = (await indexedDB.databases()).map(({ name }) => name);
      return document.documentElement.outerHTML + JSON.stringify({ ...localStorage, ...sessionStorage }) + caches + databases + document.title;
    });
    for (const marker of ["Acme", "acme.test", "Ada", "Globex"]) expect(left).not.toContain(marker);
  }
  await page.goBack();
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  await expect(page.getByText("people")).toHaveCount(0);
});

test.describe("an old sign-in", () => {
  test.use({ serverOptions: ["--fresh-sign-in-minutes", "0"] });

  test("what is dangerous asks who one is, in place, and goes on with what was typed", async ({ page }) => {
    await page.goto("/");
    await signIn(page, "admin@acme.test");
    await open(page, "/manage/api-keys/new");
    await page.getByLabel("Name", { exact: true }).fill("Nightly job");
    await page.getByRole("button", { name: "Read only" }).click();
    await page.getByRole("button", { name: "Create key" }).click();
    const dialog = page.getByRole("dialog", { name: "Confirm that it is you" });
    await expect(dialog).toBeVisible();
    await expectAccessible(page);
    await dialog.getByLabel("Password").fill("not the password");
    await dialog.getByRole("button", { name: "Confirm" }).click();
    await expect(dialog.getByText("Email and password do not belong together.")).toBeVisible();
    // Given up: nothing happened, and the form is as it was.
    await dialog.getByRole("button", { name: "Cancel" }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByText("This asks for a fresh sign-in.")).toBeVisible();
    await expect(page.getByLabel("Name", { exact: true })).toHaveValue("Nightly job");
  });
});

test.describe("a sign-in of an hour ago", () => {
  test.use({ serverOptions: ["--session-idle-minutes", "600"] });

  test("proved again, the same request goes on: the key is made once", async ({ page, server }) => {
    await page.goto("/");
    await signIn(page, "admin@acme.test");
    await open(page, "/manage/api-keys/new");
    await page.getByLabel("Name", { exact: true }).fill("Nightly job");
    await page.getByRole("button", { name: "Read only" }).click();
    await server.restart("--session-idle-minutes", "600", "--clock-ahead-hours", "1");
    await page.getByRole("button", { name: "Create key" }).click();
    const dialog = page.getByRole("dialog", { name: "Confirm that it is you" });
    await dialog.getByLabel("Password").fill(password);
    await dialog.getByRole("button", { name: "Confirm" }).click();
    await expect(page.getByRole("dialog", { name: "Key of Nightly job" }).getByLabel("The key")).toHaveText(/^pk_/);
    const organization = page.url().match(/org_[0-9a-f]+/)[0];
    const { keys } = await (await page.request.get(`/api/v1/organizations/${organization}/api-keys`)).json();
    expect(keys.filter((key) => key.content.name === "Nightly job")).toHaveLength(1);
  });
});

test("a session that ended in the middle of a form: sign in again in place, and the form goes on", async ({ page, context }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/general");
  const name = page.getByLabel("Organization name");
  await name.fill("Acme Robotics International");
  const end = async () => {
    const cookies = await context.cookies();
    await context.clearCookies();
    return cookies;
  };
  await end();
  // Whatever asks first, the button or what happens live: the question is the same.
  const save = () => page.getByRole("button", { name: "Save changes" }).evaluate((button) => button.click());
  await save();
  const dialog = page.getByRole("dialog", { name: "Your session has ended" });
  await expect(dialog.getByText("admin@acme.test")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByLabel("Password").fill(password);
  await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
  // Saved by the same request, once.
  await expect(page.getByText("Changes saved")).toBeVisible();
  await expect(page.getByRole("banner").getByRole("link", { name: "Acme Robotics International" })).toBeVisible();
  await expect(name).toHaveValue("Acme Robotics International");
  // Somebody else sees nothing of what was typed.
  await name.fill("A secret of Ada's");
  await end();
  await save();
  await dialog.getByRole("button", { name: "Sign in as somebody else" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Sign in" })).toBeVisible();
  await signIn(page, "viewer@acme.test");
  await expect(page.getByText("A secret of Ada's")).toHaveCount(0);
  expect(await page.evaluate(() => document.documentElement.outerHTML)).not.toContain("A secret of Ada");
});

test("the server restarts in the middle of a form: what was typed stays, and is saved when it is back", async ({ page, server }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/general");
  const name = page.getByLabel("Organization name");
  await name.fill("Acme after the restart");
  const back = server.pause();
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByRole("form", { name: "Profile" }).getByText("The server could not be reached")).toBeVisible();
  await expect(name).toHaveValue("Acme after the restart");
  // Said over every page, for as long as it is so.
  await expect(page.getByText("The server does not answer.")).toBeVisible();
  await (await back)();
  await expect(page.getByText("The server does not answer.")).toBeHidden({ timeout: 15_000 });
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Changes saved")).toBeVisible();
  // The stream came back by itself: what happens now still shows.
  const organization = page.url().match(/org_[0-9a-f]+/)[0];
  const { version } = await (await page.request.get(`/api/v1/organizations/${organization}`)).json();
  await expect(async () => {
    await page.request.patch(`/api/v1/organizations/${organization}`, { data: { name: "Acme, live again" }, headers: { "If-Match": `"${version}"`, Origin: server.address } });
    await expect(page.getByRole("banner").getByRole("link", { name: "Acme, live again" })).toBeVisible({ timeout: 1500 });
  }).toPass();
});

test("a page that is loaded again keeps what was typed, for the same person", async ({ page, context, server }) => {
  page.on("dialog", (dialog) => dialog.accept());
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/general");
  const name = page.getByLabel("Organization name");
  await name.fill("Acme of tomorrow");
  // What was not typed is the server's, newer by then.
  const organization = page.url().match(/org_[0-9a-f]+/)[0];
  const { version } = await (await page.request.get(`/api/v1/organizations/${organization}`)).json();
  const headers = { "If-Match": `"${version}"`, Origin: server.address };
  const answer = await page.request.patch(`/api/v1/organizations/${organization}`, { data: { reporting_time_zone: "Asia/Tokyo" }, headers });
  expect(answer.status()).toBe(200);
  await page.reload();
  await expect(page.getByText("What you typed before the page was loaded again is back.")).toBeVisible();
  await expect(name).toHaveValue("Acme of tomorrow");
  await expect(page.getByLabel("Reporting time zone")).toHaveValue("Asia/Tokyo");
  await expect(page.getByRole("button", { name: "Save changes" })).toBeEnabled();
  // Gone from the tab as soon as it is on the page; and somebody else sees nothing of it.
  expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).not.toContain("tomorrow");
  await context.clearCookies();
  await page.reload();
  await signIn(page, "many@acme.test");
  await expect(page.getByRole("button", { name: "Profile menu" })).toBeVisible();
  expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage }))).not.toContain("tomorrow");
  expect(await page.evaluate(() => document.documentElement.outerHTML)).not.toContain("tomorrow");
});

test("the palette: pages, organizations and actions by keyboard, as far as one may", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  await page.keyboard.press("Control+k");
  const box = page.getByRole("combobox", { name: "Go to or do" });
  await expect(box).toBeFocused();
  await expectAccessible(page);
  // By what people call it, not only by its title.
  await box.fill("spend");
  const options = page.getByRole("listbox").getByRole("option");
  await expect(options.first()).toContainText("Usage");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "Usage" })).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Usage" })).toBeFocused();
  await page.keyboard.press("Control+k");
  await box.fill("globex");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("banner").getByRole("link", { name: "Globex" })).toBeVisible();
  // In Globex Ada only looks on: neither its settings nor what changes it are offered.
  await page.keyboard.press("Control+k");
  await box.fill("general");
  await expect(page.getByText("Nothing here is called that.")).toBeVisible();
  await box.fill("new api key");
  await expect(options).toHaveCount(0);
  await box.fill("acme");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("banner").getByRole("link", { name: "Acme Robotics" })).toBeVisible();
  await page.getByRole("button", { name: "Go to…" }).click();
  await box.fill("invite");
  await expect(options.first()).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("dialog", { name: "Invite members" })).toBeVisible();
  await page.keyboard.press("Escape");
  // Arrows go round, Escape closes and gives the focus back.
  await page.keyboard.press("Control+k");
  await page.keyboard.press("ArrowUp");
  await expect(options.last()).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("ArrowDown");
  await expect(options.first()).toHaveAttribute("aria-selected", "true");
  await page.keyboard.press("Escape");
  await expect(box).toBeHidden();
});

test("a page of another site changes nothing", async ({ page, server, complaints }) => {
  const { createServer } = await import("node:http");
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  const organization = page.url().match(/org_[0-9a-f]+/)[0];
  const target = `${server.address}/api/v1/organizations/${organization}`;
  const hostile = createServer((_request, answer) => {
    answer.setHeader("content-type", "text/html");
    answer.end(`<form id="f" method="post" enctype="text/plain" action="${server.address}/api/v1/organizations"><input name='{"name":"Stolen","x":"' value='"}'></form><img src="${target}"><p>done</p>`);
  });
  await new Promise((listening) => hostile.listen(0, "127.0.0.1", listening));
  // Another host of the same machine: another site, with the person's cookies at hand.
  const evil = await page.context().newPage();
  await evil.goto(`http://localhost:${hostile.address().port}/`);
  await evil.evaluate(async (target) => {
    const tries = [
      fetch(target, { method: "PATCH", credentials: "include", mode: "cors", headers: { "content-type": "application/json", "if-match": '"1"' }, body: '{"name":"Stolen"}' }),
      fetch(`${target}/members`, { method: "POST", credentials: "include", mode: "no-cors", body: '{"changes":[]}' }),
      fetch(target.replace(/organizations.*/, "session"), { method: "DELETE", credentials: "include", mode: "cors" }),
    ];
    navigator.sendBeacon(`${target}/models`, '{"name":"stolen"}');
    await Promise.allSettled(tries);
  }, target);
  const read = await evil.evaluate((target) => fetch(target, { credentials: "include" }).then((answer) => answer.text()).catch(() => "refused"), target);
  expect(read).toBe("refused");
  await Promise.all([evil.waitForNavigation(), evil.evaluate(() => document.getElementById("f").submit())]);
  await page.reload();
  await expect(page.getByRole("banner").getByRole("link", { name: "Acme Robotics" })).toBeVisible();
  const { total } = await (await page.request.get("/api/v1/organizations")).json();
  expect(total).toBe(3);
  hostile.close();
  // What the browser writes down of each: refused.
  complaints.splice(0, complaints.length, ...complaints.filter((line) => !line.includes("blocked by CORS policy")));
});
