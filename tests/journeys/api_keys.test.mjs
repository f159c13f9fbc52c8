import { execFile } from "node:child_process";
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
  await expectAccessible(page);
});
