import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { expect, expectAccessible, open, signIn, test } from "./fixture.mjs";

/** What curl gets with a key: the status and the body. */
async function curl(address, key) {
  const { stdout } = await promisify(execFile)("curl", ["-s", "-w", "\n%{http_code}", address, "-H", `Authorization: Bearer ${key}`, "-A", "journey/1"]);
  const [, body, status] = stdout.match(/^([\s\S]*)\n(\d+)$/);
  return { status: Number(status), body };
}

/** Makes a key and gives its secret; the dialog is closed. */
async function create(page, name) {
  await open(page, "/manage/api-keys/new");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Read only" }).click();
  await page.getByRole("button", { name: "Create key" }).click();
  const dialog = page.getByRole("dialog", { name: `Key of ${name}` });
  const secret = await dialog.getByLabel("The key").textContent();
  return { dialog, secret };
}

test("a key: created, kept, used with curl, disabled, enabled and revoked", async ({ page, server }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/api-keys");
  await expect(page.getByText("3 keys")).toBeVisible();
  await expectAccessible(page);
  const { dialog, secret } = await create(page, "Shop, staging");
  expect(secret).toMatch(/^pk_[0-9A-Za-z]{49}$/);
  await expectAccessible(page);
  // It cannot be lost by accident.
  await page.keyboard.press("Escape");
  await page.keyboard.press("Escape");
  await dialog.getByRole("button", { name: "Close" }).click();
  await expect(dialog).toBeVisible();
  const done = dialog.getByRole("button", { name: "Done" });
  await expect(done).toHaveAccessibleDescription(/Copy or download it first/);
  const [download] = await Promise.all([page.waitForEvent("download"), dialog.getByRole("link", { name: "Download .env" }).click()]);
  expect(download.suggestedFilename()).toBe("pulze-api-key.env");
  await done.click();
  await expect(dialog).toBeHidden();
  // Afterwards it is nowhere: neither on the page nor in what the browser keeps, nor in the server's log.
  const left = () => page.evaluate(() => document.documentElement.outerHTML + JSON.stringify(localStorage) + JSON.stringify(sessionStorage) + location.href);
  expect(await left()).not.toContain(secret);
  expect(server.log()).not.toContain(secret);

  const organization = page.url().match(/org_[0-9a-f]+/)[0];
  const models = `${server.address}/api/v1/organizations/${organization}/models`;
  expect((await curl(models, secret)).status).toBe(200);
  expect((await curl(`${server.address}/api/v1/organizations/${organization}/members`, secret)).status).toBe(403);
  expect((await curl(models, secret.slice(0, -1) + (secret.endsWith("a") ? "b" : "a"))).status).toBe(401);
  await page.reload();
  await expect(page.getByText(/127\.0\.0\.1 · journey\/1/)).toBeVisible();
  await expectAccessible(page);

  await page.getByRole("button", { name: "Disable" }).click();
  await expect(page.getByText("Disabled: the next request is refused")).toBeVisible();
  expect((await curl(models, secret)).status).toBe(401);
  await page.getByRole("button", { name: "Enable" }).click();
  await expect(page.getByText("Enabled", { exact: true })).toBeVisible();
  expect((await curl(models, secret)).status).toBe(200);
  await page.getByRole("button", { name: "Revoke key" }).click();
  const revoke = page.getByRole("dialog", { name: "Revoke key" });
  await revoke.getByLabel(/Type/).fill("Shop, staging");
  await revoke.getByRole("button", { name: "Revoke key" }).click();
  await expect(page.getByText("Revoked for good")).toBeVisible();
  expect((await curl(models, secret)).status).toBe(401);
  await expect(page.getByRole("button", { name: "Rotate" })).toHaveCount(0);
});

test("rotation: both secrets work, the old one is watched, then ended", async ({ page, server }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  const { dialog, secret: old } = await create(page, "Reports");
  await dialog.getByRole("checkbox", { name: /kept it in a safe place/ }).check();
  await dialog.getByRole("button", { name: "Done" }).click();
  const organization = page.url().match(/org_[0-9a-f]+/)[0];
  const models = `${server.address}/api/v1/organizations/${organization}/models`;
  await page.getByRole("region", { name: "Rotate" }).getByLabel("The old secret stays good for").selectOption("1 hour");
  await page.getByRole("region", { name: "Rotate" }).getByRole("button", { name: "Rotate" }).click();
  const fresh = await dialog.getByLabel("The key").textContent();
  expect(fresh).not.toBe(old);
  await dialog.getByRole("checkbox", { name: /kept it in a safe place/ }).check();
  await dialog.getByRole("button", { name: "Done" }).click();
  const cockpit = page.getByRole("region", { name: "Rotation under way" });
  await expect(cockpit.getByText("Safe to finish")).toBeVisible();
  // A client that still has the old secret shows up.
  expect((await curl(models, old)).status).toBe(200);
  expect((await curl(models, fresh)).status).toBe(200);
  await page.reload();
  await expect(cockpit.getByText("The old one is still used")).toBeVisible();
  await expect(cockpit.getByRole("listitem")).toContainText("journey/1");
  await expectAccessible(page);
  await cockpit.getByRole("button", { name: "End the old secret now" }).click();
  await expect(page.getByText("The old secret has ended")).toBeVisible();
  expect((await curl(models, old)).status).toBe(401);
  expect((await curl(models, fresh)).status).toBe(200);
  await expect(page.getByRole("region", { name: "Rotate" })).toBeVisible();
});

test("a key that leaked: found, ended, looked at, replaced, its owner told, the evidence kept", async ({ page, server }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  const { dialog, secret } = await create(page, "Leaky");
  await dialog.getByRole("checkbox", { name: /kept it in a safe place/ }).check();
  await dialog.getByRole("button", { name: "Done" }).click();
  const organization = page.url().match(/org_[0-9a-f]+/)[0];
  const models = `${server.address}/api/v1/organizations/${organization}/models`;
  expect((await curl(models, secret)).status).toBe(200);

  await open(page, "/manage/api-keys");
  await page.getByRole("link", { name: "A key leaked" }).click();
  const pasted = page.getByLabel("The key, or its identifier");
  await pasted.fill(secret.slice(0, -1) + (secret.endsWith("a") ? "b" : "a"));
  await page.getByRole("button", { name: "Find the key" }).click();
  await expect(page.getByText("Not a key: a character is wrong or missing.")).toBeVisible();
  await expectAccessible(page);
  await pasted.fill(secret);
  await page.getByRole("button", { name: "Find the key" }).click();
  const end = page.getByRole("region", { name: "End its use" });
  await expect(end.getByText("whoever has it gets in")).toBeVisible();
  // What was pasted is gone, from the page and from the address.
  await expect(pasted).toHaveValue(/^key_/);
  expect(page.url()).not.toContain(secret);
  await expectAccessible(page);
  await end.getByRole("button", { name: "Disable now" }).click();
  await expect(end.getByText("The key lets nobody in.")).toBeVisible();
  expect((await curl(models, secret)).status).toBe(401);

  const done = page.getByRole("region", { name: "See what it did" });
  await expect(done.getByRole("listitem").filter({ hasText: "journey/1" })).toBeVisible();
  await done.getByLabel("In the last").selectOption("7 days");
  await expect(done.getByText(/1 request let in/)).toBeVisible();

  const replace = page.getByRole("region", { name: "Replace the secret" });
  await replace.getByRole("button", { name: "Make a new secret" }).click();
  const fresh = await dialog.getByLabel("The key").textContent();
  await dialog.getByRole("checkbox", { name: /kept it in a safe place/ }).check();
  await dialog.getByRole("button", { name: "Done" }).click();
  await replace.getByRole("button", { name: "Enable the key with its new secret" }).click();
  await expect(end.getByText("whoever has it gets in")).toBeVisible();
  expect((await curl(models, secret)).status).toBe(401);
  expect((await curl(models, fresh)).status).toBe(200);

  const tell = page.getByRole("region", { name: "Tell the owner" });
  await tell.getByLabel("Message").fill("Seen in a public repository");
  await tell.getByRole("button", { name: "Send the mail" }).click();
  await expect(tell.getByText("Mail to admin@acme.test")).toBeVisible();
  const mails = await server.outbox();
  expect(mails).toContain("Your API key Leaky leaked");
  expect(mails).toContain("Seen in a public repository");
  expect(mails).not.toContain(secret);

  const evidence = page.getByRole("region", { name: "Keep the evidence" });
  await expect(evidence.getByText("api_key_rotate")).toBeVisible();
  const [download] = await Promise.all([page.waitForEvent("download"), evidence.getByRole("link", { name: "Download the evidence" }).click()]);
  const told = JSON.parse(await readFile(await download.path(), "utf8"));
  expect(told.callers.some((caller) => caller.client === "journey/1")).toBe(true);
  expect(told.events.map((event) => event.action)).toContain("api_key_create");
  expect(JSON.stringify(told)).not.toContain(secret);
});

test("what a key was given and does not use is taken back; a change is told before it is saved", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/api-keys");
  const reminders = page.getByRole("list", { name: "Reminders" });
  await reminders.getByRole("listitem").filter({ hasText: "may do more than it did" }).getByRole("button", { name: "Show" }).click();
  await page.getByRole("link", { name: /CI pipeline/ }).click();
  const reduce = page.getByRole("region", { name: "Scopes that nobody uses" });
  await expect(reduce.getByRole("listitem")).toHaveCount(4);
  await expectAccessible(page);
  await reduce.getByRole("button", { name: "Reduce to what is used" }).click();
  await expect(reduce).toBeHidden();
  await page.getByLabel("Spending per month, in $").fill("50");
  const changes = page.getByRole("region", { name: "What changes" });
  await expect(changes.getByRole("listitem")).toHaveText(/No limit → \$50\.00/);
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(changes).toBeHidden();
});

test("a key expires", async ({ page, server }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  const { dialog, secret } = await create(page, "Short-lived");
  await dialog.getByRole("checkbox", { name: /kept it in a safe place/ }).check();
  await dialog.getByRole("button", { name: "Done" }).click();
  const organization = page.url().match(/org_[0-9a-f]+/)[0];
  const models = `${server.address}/api/v1/organizations/${organization}/models`;
  expect((await curl(models, secret)).status).toBe(200);
  await server.restart("--clock-ahead-hours", String(80 * 24));
  expect((await curl(models, secret)).status).toBe(200);
  await server.restart("--clock-ahead-hours", String(91 * 24));
  expect((await curl(models, secret)).status).toBe(401);
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/api-keys");
  await expect(page.getByRole("row", { name: /Short-lived/ })).toContainText("Expired");
});

test("keys are an admin's page, of one plan", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "editor@acme.test");
  await open(page, "/manage/models");
  await expect(page.getByRole("link", { name: "API keys" })).toHaveCount(0);
  await open(page, "/manage/api-keys");
  await expect(page.getByRole("heading", { level: 1 })).not.toHaveText("API keys");
  await page.getByRole("button", { name: "Profile menu" }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await signIn(page, "admin@acme.test");
  await page.goto("/");
  await page.getByRole("button", { name: "Profile menu" }).click();
  await page.getByRole("menuitemradio", { name: /Northwind Labs/ }).click();
  await expect(page.getByRole("banner")).toContainText("Northwind Labs");
  await open(page, "/manage/api-keys");
  await expect(page.getByRole("heading", { name: "API keys come with Pulze X Suite" })).toBeVisible();
  await expect(page.getByRole("button", { name: "Upgrade to Pulze X Suite" })).toHaveAccessibleDescription(/cannot be changed/);
  // The page as it would be is looked at alone: it is not read aloud, and nothing in it can be reached.
  await expect(page.getByText("What the page would look like, with keys as an example.")).toBeVisible();
  await expect(page.locator(".preview-page")).toContainText("Shop, production");
  await expect(page.getByRole("table")).toHaveCount(0);
  await page.locator(".preview-page a").first().evaluate((link) => link.focus());
  expect(await page.evaluate(() => document.activeElement.closest(".preview-page"))).toBeNull();
  await expectAccessible(page);
});
