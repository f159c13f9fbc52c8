import { expect, expectAccessible, open, policy, signIn, test } from "./fixture.mjs";

test("a model in use is disabled with a replacement, everywhere, and back", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/models?search=claude-haiku-4-5");
  await expect(page.getByText("2 models · 2 enabled")).toBeVisible();
  await expectAccessible(page);
  const turn = page.getByRole("switch", { name: "anthropic/claude-haiku-4-5 enabled", exact: true });
  await turn.click();
  const dialog = page.getByRole("dialog", { name: "Disable models" });
  await expect(dialog.getByText(/requests within the last seven days, in: Customer Support/)).toBeVisible();
  await expect(dialog.getByText("Router Support, quick first: one of its models")).toBeVisible();
  await expect(dialog.getByText("→ anthropic/claude-sonnet-4-5, openai/gpt-4.1-mini")).toBeVisible();
  await expectAccessible(page);
  await dialog.getByLabel("Replace it everywhere by").selectOption("google/gemini-2.5-flash");
  await dialog.getByRole("button", { name: "Disable 1 model" }).click();
  await expect(page.getByText("1 model disabled")).toBeVisible();
  await expect(turn).not.toBeChecked();
  let now = await policy(page, "Customer Support");
  expect(now.models).not.toContain("anthropic/claude-haiku-4-5");
  expect(now.routes[0].content.models).toEqual(["openai/gpt-4.1-mini", "google/gemini-2.5-flash", "anthropic/claude-sonnet-4-5"]);

  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Undone")).toBeVisible();
  await expect(turn).toBeChecked();
  now = await policy(page, "Customer Support");
  expect(now.routes[0].content.models[1]).toBe("anthropic/claude-haiku-4-5");

  // What would change without a sound asks for a tick.
  await open(page, "/manage/models?search=claude-opus-4-5");
  await page.getByRole("switch", { name: "anthropic/claude-opus-4-5 enabled", exact: true }).click();
  await expect(dialog.getByText("Router Papers: its only model")).toBeVisible();
  const disable = dialog.getByRole("button", { name: "Disable 1 model" });
  await expect(disable).toHaveAccessibleDescription("Choose a replacement, or tick that you know what changes.");
  await dialog.getByRole("checkbox").check();
  await disable.click();
  await expect(page.getByText("1 model disabled")).toBeVisible();
  expect((await policy(page, "Research")).routes[1].router).toBe("pulze-v0.1");
});

test("models between two prices", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/models");
  await page.getByLabel("Price out").selectOption("$5.00 to $15.00");
  await expect(page).toHaveURL(/price=5-15/);
  await page.getByRole("button", { name: "Price out" }).click();
  await expect(page.getByRole("row").nth(1).getByRole("cell").nth(3)).toHaveText("$15.00");
  await page.getByRole("button", { name: "Price out" }).click();
  await expect(page.getByRole("row").nth(1).getByRole("cell").nth(3)).toHaveText("$5.00");
});

test("filters stand in the address; every deprecated model is disabled at once", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/models");
  const going = page.getByRole("region", { name: "Deprecated and still in use" });
  await expect(going.getByRole("button", { name: "openai/gpt-4.1-nano" })).toBeVisible();
  await page.getByLabel("Use", { exact: true }).selectOption("Deprecated");
  await expect(page).toHaveURL(/life=deprecated/);
  await expect(page.getByText("78 models")).toBeVisible();
  await page.getByRole("columnheader", { name: "Price out" }).getByRole("button").click();
  await expect(page).toHaveURL(/sort=output&order=descending/);
  await page.getByRole("checkbox", { name: "Select all" }).check();
  const selection = page.getByRole("region", { name: "Selection" });
  await expect(selection.getByText("All 78 that match")).toBeVisible();
  await selection.getByRole("button", { name: "Disable" }).click();
  const dialog = page.getByRole("dialog", { name: "Disable models" });
  await expect(dialog.getByText("Names the organization's conversations")).toBeVisible();
  await dialog.getByRole("checkbox").check();
  // Two of them are off already.
  await dialog.getByRole("button", { name: "Disable 76 models" }).click();
  await expect(page.getByText("76 models disabled")).toBeVisible();
  await expect(page.getByText("78 models · 0 enabled")).toBeVisible();
  await expect(going).toHaveCount(0);
  await page.reload();
  await expect(page.getByText("78 models · 0 enabled")).toBeVisible();
});

test("a router with a failover chain, by keyboard alone", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "editor@acme.test");
  await open(page, "/manage/routers");
  await expect(page.getByText(/You can make and change routers/)).toBeVisible();
  await expect(page.getByRole("switch", { name: "Papers enabled" })).toHaveAccessibleDescription(/Only admins/);
  await expectAccessible(page);
  await page.getByRole("link", { name: "New router" }).focus();
  await page.keyboard.press("Enter");
  await expect(page.getByRole("heading", { level: 1, name: "New router" })).toBeVisible();
  await page.getByRole("button", { name: "Create router" }).press("Enter");
  await expect(page.getByText("This is required.")).toBeVisible();
  await page.getByLabel("Name").fill("Night shift");
  await page.getByRole("radio", { name: "Best quality" }).focus();
  for (let step = 0; step < 4; step += 1) await page.keyboard.press("ArrowDown");
  await expect(page.getByRole("radio", { name: "Failover chain" })).toBeChecked();
  await expect(page.getByText("A chain needs at least one model.")).toBeVisible();
  const models = page.getByRole("combobox", { name: "Models" });
  await models.focus();
  await page.keyboard.type("openai/gpt-4");
  await page.keyboard.press("Enter");
  await expect(page.getByText("This model does not exist here, or is disabled.")).toBeVisible();
  for (const name of ["openai/gpt-4.1", "openai/gpt-4.1-mini", "anthropic/claude-haiku-4-5"]) {
    await models.fill(name);
    await page.keyboard.press("Enter");
  }
  const rows = page.getByRole("list", { name: "Models" }).getByRole("listitem");
  await expect(rows).toHaveCount(3);
  await page.getByRole("button", { name: "Move anthropic/claude-haiku-4-5 up" }).press("Enter");
  await expect(rows.nth(1)).toContainText("anthropic/claude-haiku-4-5");
  await page.keyboard.press("Alt+ArrowUp");
  await expect(rows.nth(0)).toContainText("anthropic/claude-haiku-4-5");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Create router" }).press("Enter");
  await expect(page.getByText("Night shift was created")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Night shift" })).toBeVisible();
  await page.reload();
  await expect(rows).toHaveText([/claude-haiku-4-5/, /gpt-4.1/, /gpt-4.1-mini/]);

  await page.getByRole("link", { name: "Make a copy" }).click();
  await expect(page.getByLabel("Name")).toHaveValue("Copy of Night shift");
  await page.goBack();
  await page.getByRole("button", { name: "Archive" }).click();
  await expect(page.getByText("Night shift was archived")).toBeVisible();
  await page.getByRole("link", { name: "All routers" }).click();
  await expect(page.getByRole("link", { name: /Papers/ })).toBeVisible();
  await expect(page.getByRole("link", { name: /Night shift/ })).toHaveCount(0);
  await page.getByRole("button", { name: "Archived" }).click();
  await expect(page.getByRole("link", { name: /Night shift/ })).toBeVisible();

  // One that is in use is not put away under its users.
  await page.getByRole("button", { name: "Archived" }).click();
  await page.getByRole("link", { name: /Papers/ }).click();
  await page.getByRole("button", { name: "Archive" }).click();
  await expect(page.getByText(/Something still uses it/)).toBeVisible();
});

test("a default router: a space before and after, then locked, overridden and inherited", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/general");
  const form = page.locator("form").filter({ hasText: "Defaults for spaces" });
  await expect(form.getByText("2 spaces inherit, 2 override")).toBeVisible();
  await expect(form.getByText(/A thousand titles cost about \$0\.05/)).toBeVisible();
  await form.getByLabel("Default router").selectOption("Papers");
  await expect(form.getByRole("radio", { name: "2 that inherit keep what they have" })).toBeChecked();
  await expectAccessible(page);
  await form.getByRole("button", { name: "Save defaults" }).click();
  await expect(page.getByText("Changes saved")).toBeVisible();
  await expect(form.getByText("0 spaces inherit, 4 override")).toBeVisible();
  expect((await policy(page, "Marketing")).router).toEqual({ value: "pulze-v0.1", source: "space" });

  await open(page, "/manage/spaces");
  await page.getByRole("button", { name: "New space" }).click();
  await page.getByLabel("Space name").fill("Afterwards");
  await page.getByRole("button", { name: "Create space" }).click();
  await expect(page.getByText("Afterwards was created")).toBeVisible();
  expect((await policy(page, "Afterwards")).router.source).toBe("organization");

  // The space says something else, and takes it back.
  await page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "Afterwards" }) }).getByRole("link").first().click();
  const settings = page.getByRole("region", { name: "Router and naming" });
  await expect(settings.getByText("Now: Papers, inherited from the organization.")).toBeVisible();
  await settings.getByLabel("Router").selectOption("Support, quick first");
  await expect(settings.getByText("Now: Support, quick first, chosen here.")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(settings.getByText("Now: Papers, inherited from the organization.")).toBeVisible();
  await settings.getByLabel("Router").selectOption("Support, quick first");
  await expect(settings.getByText("Now: Support, quick first, chosen here.")).toBeVisible();
  await expectAccessible(page);

  await open(page, "/manage/general");
  await form.getByRole("checkbox", { name: "Lock it for every space" }).first().check();
  await form.getByRole("button", { name: "Save defaults" }).click();
  await expect(page.getByText("Changes saved")).toBeVisible();
  await page.goBack();
  await expect(settings.getByText(/Now: Papers, set by the organization\. The organization locked it/)).toBeVisible();
  await expect(settings.getByLabel("Router")).toBeDisabled();
  expect((await policy(page, "Afterwards")).router.source).toBe("locked");
});

test("whoever may not change resources sees them all and is told why", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "viewer@acme.test");
  await open(page, "/manage/models?search=gpt-4o");
  await expect(page.getByText(/You can look at the models/)).toBeVisible();
  const turn = page.getByRole("switch", { name: "openai/gpt-4o enabled", exact: true });
  await expect(turn).toHaveAccessibleDescription(/Only admins/);
  await turn.press("Space");
  await expect(turn).toBeChecked();
  await expect(page.getByRole("dialog")).toHaveCount(0);
  await expect(page.getByRole("button", { name: "Add model" })).toHaveCount(0);
  await page.getByRole("button", { name: /^gpt-4o / }).first().click();
  await expect(page.getByRole("dialog", { name: "openai/gpt-4o" }).getByText("128,000")).toBeVisible();
  await page.keyboard.press("Escape");
  await open(page, "/manage/routers");
  await expect(page.getByText(/You can look at the routers/)).toBeVisible();
  await page.getByRole("link", { name: /Papers/ }).click();
  await expect(page.getByLabel("Name")).toBeDisabled();
  await expect(page.getByRole("button", { name: "Save changes" })).toHaveAccessibleDescription(/Only editors and admins/);
  await expectAccessible(page);
});

test("the overview counts what there is, and leads to where it is managed", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "viewer@acme.test");
  const map = page.getByRole("region", { name: "What there is" });
  const count = (name) => map.getByRole("listitem").filter({ hasText: name });
  // What happens in spaces that a viewer cannot enter is not among it.
  await expect(count("Conversations")).toContainText("5,656");
  await expect(count("Models enabled")).toContainText("271 of 274");
  await expect(map.getByRole("link", { name: /Members/ })).toBeVisible();
  await expectAccessible(page);
  await map.getByRole("link", { name: /Routers/ }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Routers" })).toBeVisible();
});
