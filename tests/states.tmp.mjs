import { chromium as browserType } from "@playwright/test";
import { chromium, signIn, startConsole } from "./console.mjs";
const served = await startConsole();
const browser = await browserType.launch(chromium);
for (const [width, scheme] of [[1280, "light"], [390, "dark"]]) {
  const context = await browser.newContext({ baseURL: served.address, viewport: { width, height: 844 }, colorScheme: scheme, locale: "en-US", timezoneId: "Europe/Zurich" });
  const page = await context.newPage();
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await page.waitForURL(/\/o\//);
  const o = new URL(page.url()).pathname.match(/^\/o\/org_[0-9a-f]+/)[0];
  const shot = async (name, path, pattern, how) => {
    await page.route(pattern, how);
    await page.goto(path, { waitUntil: "commit" }); await page.waitForTimeout(4500);
    await page.screenshot({ path: `/tmp/shots/st-${name}-${width}.png`, fullPage: true });
    await page.unrouteAll({ behavior: "ignoreErrors" });
  };
  const fail = (route) => route.fulfill({ status: 500, contentType: "application/problem+json", body: JSON.stringify({ type: "about:blank", title: "Internal", status: 500 }) });
  const hang = () => {};
  await shot("usage-fail", `${o}/manage/usage`, /\/api\/.*\/usage(\?|$)/, fail);
  await shot("usage-load", `${o}/manage/usage`, /\/api\/.*\/usage(\?|$)/, hang);
  await shot("account-fail", `/account`, /\/api\/v1\/account/, fail);
  await shot("account-load", `/account`, /\/api\/v1\/account/, hang);
  await shot("keys-fail", `${o}/manage/api-keys`, /\/api\/.*\/api-keys/, fail);
  await shot("keys-load", `${o}/manage/api-keys`, /\/api\/.*\/api-keys/, hang);
  await shot("calls-fail", `${o}/manage/usage?calls=true`, /\/usage\/calls/, fail);
  // Empty: the other organization.
  await page.goto("/account"); await page.getByRole("link", { name: "Northwind Labs" }).first().click().catch(() => {});
  await page.waitForTimeout(1500);
  const n = new URL(page.url()).pathname.match(/^\/o\/org_[0-9a-f]+/)?.[0];
  for (const [name, path] of [["usage-empty", `${n}/manage/usage`], ["keys-empty", `${n}/manage/api-keys`], ["overview-other", n]]) { await page.goto(path); await page.waitForTimeout(4500); await page.screenshot({ path: `/tmp/shots/st-${name}-${width}.png`, fullPage: true }); }
  await context.close();
}
await browser.close(); await served.stop();
