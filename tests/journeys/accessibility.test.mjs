import { expect, expectAccessible, signIn, test } from "./fixture.mjs";

for (const language of ["en", "ar"]) {
  for (const theme of ["light", "dark"]) {
    test(`axe finds nothing: ${language}, ${theme}`, async ({ page }) => {
      // Every page, each looked at whole.
      test.slow();
      await page.addInitScript(([language, theme]) => {
        localStorage.setItem("pulze.language", language);
        localStorage.setItem("pulze.theme", theme);
      }, [language, theme]);
      await page.goto("/");
      await expect(page.locator("html")).toHaveAttribute("lang", language);
      await expectAccessible(page);
      await page.locator("input[type=email]").fill("admin@acme.test");
      await page.locator("input[type=password]").fill("pulze-demo-2026");
      await page.locator("button[type=submit]").click();
      await expect(page.locator("dl.facts")).toBeVisible();
      await expectAccessible(page);
      await page.locator(".profile-button").click();
      await expect(page.getByRole("menu")).toBeVisible();
      await expectAccessible(page);
      await page.getByRole("menuitem").nth(1).click();
      await expect(page.getByRole("dialog")).toBeVisible();
      await expectAccessible(page);
      await page.keyboard.press("Escape");
      await page.locator(".profile-button").click();
      await page.getByRole("menuitem").first().click();
      await expect(page.locator("form.form").first()).toBeVisible();
      await expectAccessible(page);
      const manage = page.url().replace(/general$/, "");
      for (const [slug, shown, inside, of] of [["members", ".person", "a.person", "#history-title"], ["spaces", ".space-card", ".space-actions a", ".grant"], ["models", ".long-row", "button.person", "dialog .dependents"], ["routers", ".long-row", ".long-row:last-child a", ".chain-row"], ["assistants", ".long-row", "a.person", ".levels .grant"], ["tools", ".long-row", ".long-row:last-child a", ".levels .grant"], ["api-keys", ".long-row", ".long-row a.person", ".scope-row"], ["usage?group=model", ".patterns tbody tr", ".usage-actions button[aria-pressed]", ".calls-table tbody tr"]]) {
        await page.goto(manage + slug);
        await expect(page.locator(shown).first()).toBeVisible();
        await expectAccessible(page);
        await page.locator(inside).first().click();
        await expect(page.locator(of).first()).toBeVisible();
        await expectAccessible(page);
      }
      for (const [address, shown] of [[manage + "members/space-access", "[role=gridcell]"], [manage + "members/access-templates", ".space-card"], [manage + "members?search=sofia", "a.person"], ["/outbox", ".note"], ["/account", ".account-list li"], [manage + "routers/new", ".chain-add"], [manage + "assistants/new", ".check-option"], [manage + "tools/new", ".choice"]]) {
        await page.goto(address);
        await expect(page.locator(shown).first()).toBeVisible();
        await expectAccessible(page);
      }
      await page.goto(manage + "members?search=sofia");
      await page.locator("a.person").click();
      await expect(page.locator("form .people li").first()).toBeVisible();
      await expectAccessible(page);
      await page.goto("/nowhere");
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expectAccessible(page);
    });
  }
}

test("every text is translated", async ({ page }) => {
  await page.addInitScript(() => localStorage.setItem("pulze.language", "en-XA"));
  await page.goto("/");
  await page.locator("input[type=email]").fill("admin@acme.test");
  await page.locator("input[type=password]").fill("pulze-demo-2026");
  await page.locator("button[type=submit]").click();
  await page.locator(".profile-button").click();
  await page.getByRole("menuitem").first().click();
  await expect(page.locator("form.form").first()).toBeVisible();
  expect(await untranslated(page)).toEqual([]);
  const manage = page.url().replace(/general$/, "");
  for (const [address, shown] of [[manage + "members", ".person"], [manage + "members/space-access", "[role=gridcell]"], [manage + "members/access-templates", ".space-card"], ["/outbox", ".note"], ["/account", ".account-list li"], [manage + "models", ".long-row"], [manage + "routers", ".long-row"], [manage + "routers/new", ".chain-add"], [manage + "assistants", ".long-row"], [manage + "assistants/new", ".check-option"], [manage + "tools", ".long-row"], [manage + "api-keys", ".long-row"], [manage + "api-keys/new", ".scope-row"], [manage + "tools/web-search", ".levels .grant"], [manage + "tools/new", ".choice"], [manage + "usage?group=model&calls=true", ".patterns tbody tr"]]) {
    await page.goto(address);
    await expect(page.locator(shown).first()).toBeVisible();
    expect(await untranslated(page)).toEqual([]);
  }
});

/** Texts that are not of the pseudo-locale. */
function untranslated(page) {
  // Names, identifiers, time zones, file formats and the languages' own names are data, not texts of ours.
  return page.evaluate(() => {
    const found = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
      const text = walker.currentNode.textContent.trim();
      const data = walker.currentNode.parentElement.closest("option, code, .logo, .menu-item-name, .header-name, .profile-person, .person, time, thead bdi, .space-title, .cell-spaces, .cell-joined_at, .cell-last_active_at, .going-away bdi, .going-away span, .cell-number, .cell-owner, .cell-date, .check-option, .usage-name, .scatter, .chart-legend, .chart-places, .chart-values, .calls-table td, .unusual .link, .spaces-of a, .account-list, .account bdi, kbd, script");
      if (/\p{L}/u.test(text) && !text.startsWith("⟦") && !/^(CSV|JSON|[\d.,]+\s?(ms|s))$/.test(text) && !data) found.push(text);
    }
    return found;
  });
}

test("nothing is cut off or scrolls sideways on a phone", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/");
  await signIn(page, "many@acme.test");
  const fits = () => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
  expect(await fits()).toBe(true);
  await page.getByRole("button", { name: "Profile menu" }).click();
  const panel = await page.locator(".profile-panel").boundingBox();
  expect(panel.x >= 0 && panel.x + panel.width <= 390 && panel.y + panel.height <= 844).toBe(true);
  await expect(page.getByRole("menuitem", { name: "Sign out" })).toBeInViewport();
});

test("the pages of Manage Organization fit a phone", async ({ page }) => {
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await page.getByRole("link", { name: "Manage Organization", exact: true }).click();
  for (const [name, shown] of [["General", "form.form"], ["Members", ".person"], ["Spaces", ".space-card"], ["API keys", ".long-row"], ["Models", ".long-row"], ["Routers", ".long-row"], ["Assistants", ".long-row"], ["Usage", ".patterns tbody tr"], ["Tools", ".long-row"]]) {
    await page.getByRole("navigation", { name: "Manage Organization" }).getByRole("link", { name }).click();
    await expect(page.locator(shown).first()).toBeVisible();
    expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), name).toBe(true);
  }
  await page.getByRole("link", { name: /Order status/ }).click();
  await expect(page.locator(".levels .grant").first()).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
});
