import { readFile } from "node:fs/promises";
import { expect, expectAccessible, now, open, openMenu, signIn, test } from "./fixture.mjs";

/** Asks the API with the page's own session. */
async function ask(page, query, path = "usage") {
  const organization = page.url().match(/org_[0-9a-f]+/)[0];
  return (await page.request.get(`/api/v1/organizations/${organization}/${path}?${query}`)).json();
}

/** Waits until the page shows the answer to its question, and not one before. */
async function answered(page) {
  await expect(page.getByText("Every sum agrees")).toBeVisible();
  await expect(page.locator("[data-stale=true]")).toHaveCount(0);
}

// Micro-dollars have three decimals: added up as whole nano-dollars, nothing is lost.
const sum = (values) => values.reduce((all, value) => all + Math.round(value * 1000), 0) / 1000;
const dollars = (micro) => new Intl.NumberFormat("en", { style: "currency", currency: "USD" }).format(micro / 1e6);

test("calls that a gateway reports are counted once, and every sum of them agrees", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/usage?range=24h&group=model");
  await answered(page);
  const before = await ask(page, "range=24h&group=model");
  const organization = page.url().match(/org_[0-9a-f]+/)[0];
  // From before the day of the seeds, so that the range holds all of them.
  const events = Array.from({ length: 40 }, (_, index) => ({ id: `journey ${index}`, at: now() - index * 60_000, model: index % 2 ? "journey/odd" : "journey/even", prompt_tokens: 100 + index, completion_tokens: 10, cost: 250_000, latency: 400 }));
  const report = (events) => page.request.post(`/api/v1/organizations/${organization}/usage/events`, { data: { events }, headers: { Origin: new URL(page.url()).origin } });
  const first = await (await report([...events, { id: "wrong", at: now(), model: "journey/odd", space_id: "space_nowhere" }])).json();
  expect([first.accepted, first.duplicates, first.refused.length, first.refused[0].reason]).toEqual([40, 0, 1, "space_unknown"]);
  const again = await (await report(events)).json();
  expect([again.accepted, again.duplicates]).toEqual([0, 40]);
  await page.reload();
  await answered(page);
  const after = await ask(page, "range=24h&group=model");
  expect(after.total.calls - before.total.calls).toBeGreaterThanOrEqual(40 - 1);
  // Table, total and server say the same.
  const table = page.getByRole("table").first();
  const row = table.getByRole("row", { name: /journey\/odd/ });
  await expect(row).toContainText("$5.00");
  await expect(row).toContainText("20");
  await expect(table.getByRole("row", { name: /^Total/ })).toContainText(dollars(after.total.cost));
  expect(sum(after.groups.map((group) => group.amounts.cost))).toBe(after.total.cost);
  await expectAccessible(page);
});

test("from a chart to the calls behind it: filter, group, drill down, and back", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/usage");
  await answered(page);
  await page.getByLabel("By", { exact: true }).selectOption("Space");
  await expect(page).toHaveURL(/group=space/);
  await answered(page);
  const figure = page.getByRole("figure", { name: /Cost by Space/ });
  await expect(figure.getByRole("list", { name: "Legend" })).toContainText("Customer Support");
  // A row narrows the question; what it is narrowed to is said, and can be taken back.
  await page.getByRole("button", { name: "Marketing" }).click();
  await expect(page).toHaveURL(/group=model&space=space_/);
  await answered(page);
  await expect(page.getByText("Space: Marketing", { exact: true })).toBeVisible();
  const narrowed = new URL(page.url()).search.slice(1);
  const usage = await ask(page, narrowed);
  await expect(page.locator(".tile-value").first()).toHaveText(dollars(usage.total.cost));
  // By keyboard: to a day, to a series, and into it.
  const plot = page.getByRole("application", { name: /Cost by Model/ });
  await plot.focus();
  await page.keyboard.press("ArrowLeft");
  const status = page.locator(".chart-frame [role=status]").first();
  await expect(status).toContainText("$");
  const last = await status.textContent();
  await page.keyboard.press("ArrowLeft");
  await expect(status).not.toHaveText(last);
  await page.keyboard.press("ArrowDown");
  await expect(status).toContainText(/openai|google/);
  await page.keyboard.press("Home");
  await page.keyboard.press("End");
  await page.keyboard.press("ArrowLeft");
  await page.keyboard.press("Enter");
  await expect(page).toHaveURL(/range=\d{4}-\d\d-\d\d\.\.\d{4}-\d\d-\d\d/);
  await answered(page);
  await expect(page.getByLabel("Per", { exact: true })).toHaveValue("hour");
  await page.getByRole("button", { name: "Show single calls" }).click();
  const calls = page.getByRole("region", { name: "Single calls" });
  await expect(calls.getByRole("row").nth(1)).toBeVisible();
  await expect(page.getByRole("figure", { name: /Calls one by one/ })).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Remove Space: Marketing" }).click();
  await expect(page).not.toHaveURL(/space=/);
});

test("a view: kept by a name, its link opened elsewhere, forgotten", async ({ page, context }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/usage?range=7d&metric=tokens&group=member&chart=lines");
  await answered(page);
  await page.getByRole("button", { name: "Saved views" }).click();
  const dialog = page.getByRole("dialog", { name: "Saved views" });
  await dialog.getByLabel("Name of this view").fill("Tokens of the week");
  await dialog.getByRole("button", { name: "Keep this view" }).click();
  await expect(page.getByText("Tokens of the week is kept")).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");
  const shown = await page.locator(".chart-summary").first().textContent();
  const other = await context.newPage();
  await other.goto(page.url());
  await answered(other);
  await expect(other.locator(".chart-summary").first()).toHaveText(shown);
  await expect(other.getByLabel("As", { exact: true })).toHaveValue("lines");
  await other.getByLabel("Time", { exact: true }).selectOption("Last 90 days");
  await other.getByRole("button", { name: "Saved views" }).click();
  await other.getByRole("button", { name: "Tokens of the week", exact: true }).click();
  await expect(other).toHaveURL(/range=7d&metric=tokens&group=member.*chart=lines/);
  await answered(other);
  await other.getByRole("button", { name: "Saved views" }).click();
  await other.getByRole("button", { name: "Delete the view Tokens of the week" }).click();
  await expect(other.getByText("No views yet")).toBeVisible();
});

test("files carry the numbers of the page", async ({ page, context }) => {
  await context.grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/usage?range=last-month&group=model");
  await answered(page);
  const usage = await ask(page, "range=last-month&group=model");
  const saved = async (name) => {
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name, exact: true }).click()]);
    return readFile(await download.path(), "utf8");
  };
  const json = JSON.parse(await saved("JSON"));
  expect([json.time_zone, json.complete]).toEqual(["Europe/Zurich", true]);
  const micro = (text) => Math.round(Number(text) * 1e9) / 1e3;
  expect(micro(json.total.cost_usd)).toBe(usage.total.cost);
  expect(sum(json.lines.map((line) => micro(line.cost_usd)))).toBe(usage.total.cost);
  expect(sum(json.lines.map((line) => line.calls))).toBe(usage.total.calls);
  await page.getByRole("button", { name: "Excel", exact: true }).click();
  expect((await saved("1.234,56")).charCodeAt(0)).toBe(0xfeff);
  const csv = await saved("CSV");
  expect(csv).toContain("Europe/Zurich");
  await expect(page.locator(".tile-value").first()).toHaveText(dollars(usage.total.cost));
  // What is copied is what is drawn.
  const figure = page.getByRole("figure", { name: /Cost by Model/ });
  await figure.getByRole("button", { name: "Copy", exact: true }).click();
  await expectAccessible(page);
  await figure.getByRole("button", { name: "For spreadsheets" }).click();
  await expect(page.getByText("Copied", { exact: true })).toBeVisible();
  const copied = await page.evaluate(async () => {
    const [item] = await navigator.clipboard.read();
    const read = async (type) => (await item.getType(type)).text();
    return { html: await read("text/html"), text: await read("text/plain") };
  });
  // Read here: the page's own policy makes no document out of a text.
  const inner = (html, names) => [...html.matchAll(new RegExp(`<(${names})[^>]*>(.*?)</\\1>`, "gs"))].map((found) => found[2]);
  const plain = (cell) => cell.replaceAll(/<[^>]*>/g, "").replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
  const grids = {
    html: inner(copied.html, "tr").map((row) => inner(row, "th|td").map(plain)),
    text: copied.text.trimEnd().split(/\r?\n/).map((line) => line.split("\t")),
  };
  expect(grids.html).toEqual(grids.text);
  const [header, ...rows] = grids.text;
  // A column a series, with its unit; a row a day, with its offset; money in dollars, to the last digit.
  expect(header).toEqual(["Time", ...header.slice(1)]);
  expect(header.length).toBeGreaterThan(2);
  expect(header.slice(1).every((name) => name.endsWith(" (USD)"))).toBe(true);
  expect(rows).toHaveLength(usage.buckets.length);
  for (const [place, row] of rows.entries()) {
    expect(row).toHaveLength(header.length);
    expect(row[0]).toMatch(/^\d{4}-\d\d-\d\dT00:00:00[+]0[12]:00$/);
    expect(Date.parse(row[0])).toBe(usage.buckets[place]);
  }
  expect(sum(rows.flatMap((row) => row.slice(1).map((cell) => Number(cell) * 1e6)))).toBe(usage.total.cost);
  await figure.getByRole("button", { name: "Copy", exact: true }).click();
  await figure.getByRole("button", { name: "As image" }).click();
  await expect.poll(() => page.evaluate(async () => (await navigator.clipboard.read())[0].types)).toEqual(["image/png"]);
  // And to be read instead of looked at.
  await figure.getByRole("button", { name: "As table" }).click();
  await expect(figure.getByRole("table").getByRole("row")).toHaveCount(usage.buckets.length + 1);
  await expectAccessible(page);
});

test("a day of unusual spend is named and explained", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/usage");
  const trend = page.getByRole("region", { name: "Cost trend" });
  await expect(trend.getByText(/This month is likely to cost|A forecast takes/)).toBeVisible();
  await trend.getByRole("button", { name: "Why?" }).first().click();
  await expect(trend.getByText(/of the difference from Press writer on openai\/gpt-4o/)).toBeVisible();
  await expect(page.getByRole("region", { name: "Model patterns" }).getByRole("row", { name: /claude-opus-4-5/ })).toBeVisible();
});

test("where nothing was reported yet, the page says how that begins", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  const menu = await openMenu(page);
  await menu.getByRole("menuitemradio", { name: /Northwind Labs/ }).click();
  await expect(page.getByRole("banner")).toContainText("Northwind Labs");
  await open(page, "/manage/usage");
  await expect(page.getByRole("heading", { name: "No calls were reported yet" })).toBeVisible();
  await expectAccessible(page);
  // This plan has no API keys: the page does not ask for one, and says what they bring.
  await expect(page.getByText("with an API key, which is not part of this plan")).toBeVisible();
  await expect(page.getByRole("link", { name: "What API keys bring" })).toHaveAttribute("href", /\/manage\/api-keys$/);
  const address = `/api/v1/organizations/${page.url().match(/org_[0-9a-f]+/)[0]}/usage/events`;
  const event = { id: "first", at: now(), model: "journey/first", prompt_tokens: 10, completion_tokens: 1, cost: 1_000_000 };
  const receipt = await page.request.post(address, { data: { events: [event] }, headers: { Origin: new URL(page.url()).origin } });
  expect((await receipt.json()).accepted).toBe(1);
  await page.reload();
  await answered(page);
  await expect(page.getByRole("list", { name: "Totals" })).toContainText("$1.00");
  // A time without calls says so in place of an empty chart.
  await page.getByLabel("Time", { exact: true }).selectOption("Last month");
  await answered(page);
  await expect(page.getByRole("region", { name: "Over time" })).toContainText("No calls in this time.");
});

test("members see their own usage, and nothing of the others'", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "editor@acme.test");
  const menu = await openMenu(page);
  await menu.getByRole("menuitem", { name: "My usage" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "My usage" })).toBeVisible();
  await answered(page);
  expect((await ask(page, "group=member", "usage/own")).groups).toHaveLength(1);
  expect((await ask(page, "")).type).toBe("forbidden");
  await expect(page.getByLabel("By", { exact: true }).getByRole("option", { name: "Member" })).toHaveCount(0);
  await expect(page.getByRole("region", { name: "Cost trend" })).toHaveCount(0);
  await expectAccessible(page);
  await open(page, "/manage/usage");
  await expect(page.getByRole("heading", { level: 1, name: "Not found" })).toBeVisible();
});

test("an admin looks at what one member used", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/members?search=editor");
  await page.getByRole("link", { name: /Emre/ }).click();
  await page.getByRole("main").getByRole("link", { name: "Usage", exact: true }).click();
  await expect(page).toHaveURL(/usage\?group=model&member=user_/);
  await answered(page);
  await expect(page.getByText(/Member: Emre/).first()).toBeVisible();
});

test("usage fits a phone, in Arabic and dark as well", async ({ page }) => {
  await page.addInitScript(() => {
    localStorage.setItem("pulze.language", "ar");
    localStorage.setItem("pulze.theme", "dark");
  });
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/");
  await page.locator("input[type=email]").fill("admin@acme.test");
  await page.locator("input[type=password]").fill("pulze-demo-2026");
  await page.locator("button[type=submit]").click();
  await page.locator(".profile-button").waitFor();
  await open(page, "/manage/usage?group=space&calls=true");
  await expect(page.locator(".chart-legend li").first()).toBeVisible();
  await expect(page.locator(".calls-table tbody tr").first()).toBeVisible();
  await expect(page.locator(".patterns tbody tr").first()).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  await expectAccessible(page);
});
