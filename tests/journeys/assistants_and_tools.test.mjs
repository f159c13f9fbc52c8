import { createServer } from "node:http";
import { expect, expectAccessible, open, policy, signIn, test } from "./fixture.mjs";

test.use({ serverOptions: ["--allow-private-endpoints"] });

/** A service on loopback that answers with what it was asked, and refuses without its token. */
async function service(use) {
  const server = createServer((request, response) => {
    const good = request.headers["x-token"] === "let me in";
    response.writeHead(good ? 200 : 401, { "content-type": "application/json" });
    response.end(JSON.stringify({ asked: `${request.method} ${request.url}`, token: request.headers["x-token"] ?? null }));
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  await use(`http://127.0.0.1:${server.address().port}`);
  server.close();
}

test("an integration: added, tested against its endpoint, mended, used and deleted", async ({ page }) => {
  await service(async (address) => {
    await page.goto("/");
    await signIn(page, "admin@acme.test");
    await open(page, "/manage/tools");
    await expect(page.getByRole("row", { name: /Order status/ })).toContainText("In 1 space");
    await expectAccessible(page);
    await page.getByRole("link", { name: "Add integration" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Add integration" })).toBeVisible();
    const add = page.getByRole("button", { name: "Add integration" });
    await add.click();
    await expect(page.getByLabel("Endpoint")).toHaveAccessibleDescription(/./);
    await page.getByLabel("Name", { exact: true }).fill("Weather");
    await page.getByLabel("Endpoint").fill(`${address}/now`);
    await page.getByLabel("Method").selectOption("GET");
    await page.getByLabel("Header", { exact: true }).fill("X-Token");
    await page.getByLabel("Value of the header").fill("wrong");
    await expectAccessible(page);
    await add.click();
    await expect(page.getByRole("heading", { level: 1, name: "Weather" })).toBeVisible();

    // The test tells the truth: what came back, and that it was refused.
    const test = page.getByRole("region", { name: "Test" });
    await test.getByRole("button", { name: "Test" }).click();
    await expect(test.getByText(/Answered 401 after/)).toBeVisible();
    await expect(test.getByText("Does not work")).toBeVisible();
    await page.getByLabel("Value of the header").fill("let me in");
    await expect(test.getByRole("button", { name: "Test" })).toHaveAccessibleDescription(/Save your changes first/);
    await page.getByRole("button", { name: "Save changes" }).click();
    await expect(page.getByText("Changes saved")).toBeVisible();
    // The secret is gone from the page, and is not in what comes back.
    await expect(page.getByLabel("Value of the header")).toHaveValue("");
    await expect(page.getByLabel("Value of the header")).toHaveAccessibleDescription(/One is set/);
    await test.getByRole("button", { name: "Test" }).click();
    await expect(test.getByText(/Answered 200 after/)).toBeVisible();
    await expect(test.getByLabel("Answer")).toHaveText(/"asked":"GET \/now","token":"••••••"/);
    await expectAccessible(page);

    // The secret does not follow the endpoint to another address: that is said before saving, and refused.
    await page.getByLabel("Endpoint").fill(`${address}/later`);
    await expect(page.getByLabel("Value of the header")).toHaveAccessibleDescription(/One is set/);
    await page.getByLabel("Endpoint").fill("https://elsewhere.example/now");
    await expect(page.getByLabel("Value of the header")).toHaveAccessibleDescription(/stored secret is not sent there/);
    await page.getByRole("button", { name: "Save changes" }).click();
    await expect(page.getByLabel("Value of the header")).toHaveAccessibleDescription(/stored for another address/);
    await page.getByLabel("Endpoint").fill(`${address}/now`);
    await expect(page.getByLabel("Value of the header")).toHaveAccessibleDescription(/One is set/);

    expect((await policy(page, "Board")).limits.filter(({ kind }) => kind === "tool")).toHaveLength(1);
    await page.getByRole("button", { name: "Delete integration" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Delete integration" }).click();
    await expect(page.getByRole("heading", { level: 1, name: "Tools" })).toBeVisible();
    await expect(page.getByRole("row", { name: /Weather/ })).toHaveCount(0);
  });
});

test("a tool: set up before it is on, then for those who may use it", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/tools");
  const turn = page.getByRole("switch", { name: "Post on X enabled" });
  await expect(turn).toHaveAccessibleDescription(/Set it up first/);
  await page.getByRole("link", { name: /Post on X/ }).click();
  await page.getByLabel("Access token").fill("a token");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Changes saved")).toBeVisible();
  // Who may use it, in one choice; then one space of them, and one member beside.
  const access = page.getByRole("region", { name: "Access" });
  await access.getByRole("radio", { name: "Chosen spaces" }).check();
  await expect(page.getByText("Access saved")).toBeVisible();
  await access.getByLabel("Let a space use it").selectOption("Marketing");
  await expect(access.getByRole("listitem").filter({ hasText: "Marketing" })).toBeVisible();
  await access.getByLabel("Give a member a level").fill("Vera");
  await access.getByRole("button", { name: /Vera Okafor/ }).click();
  await expect(access.getByRole("combobox", { name: "Level of Vera Okafor" })).toHaveValue("use");
  await expectAccessible(page);
  await page.getByRole("link", { name: "All tools" }).click();
  await turn.click();
  await expect(page.getByText("Tool enabled")).toBeVisible();
  const limit = async (space) => (await policy(page, space)).limits.find(({ id }) => id === "x-post");
  expect(await limit("Marketing")).toBeUndefined();
  expect((await limit("Board")).least_role).toBe("admin");
  expect((await limit("Board")).members).toHaveLength(1);

  // Taken back within ten seconds, as every change of access.
  await page.getByRole("link", { name: /Post on X/ }).click();
  await access.getByRole("radio", { name: "Everyone" }).check();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByText("Undone")).toBeVisible();
  await expect(access.getByRole("radio", { name: "Chosen spaces" })).toBeChecked();
});

test("an assistant: made, given tools and spaces, disabled with its users in sight, deleted", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/assistants");
  await expect(page.getByText("6 assistants · 5 enabled")).toBeVisible();
  await expectAccessible(page);
  await page.getByRole("link", { name: "New assistant" }).click();
  await page.getByLabel("Name", { exact: true }).fill("Onboarding");
  await page.getByLabel("Instructions").fill("Welcome new colleagues.");
  await page.getByLabel("Model").selectOption("openai/gpt-4.1-mini");
  await page.getByRole("checkbox", { name: "Space search" }).check();
  await page.getByRole("radio", { name: "Chosen spaces" }).check();
  await page.getByRole("button", { name: "Create assistant" }).click();
  await expect(page.getByText("This is required.")).toBeVisible();
  await page.getByRole("checkbox", { name: "Board" }).check();
  await expectAccessible(page);
  await page.getByRole("button", { name: "Create assistant" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Onboarding" })).toBeVisible();
  const id = page.url().match(/assistant_[0-9a-f]+/)[0];
  expect((await policy(page, "Board")).assistants).toContain(id);
  expect((await policy(page, "Marketing")).assistants).not.toContain(id);

  // A model that it names cannot go without a word.
  await open(page, "/manage/models?search=gpt-4.1-mini");
  await page.getByRole("switch", { name: "openai/gpt-4.1-mini enabled", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Disable models" });
  await expect(dialog.getByText("Assistant Onboarding: its model")).toBeVisible();
  await dialog.getByRole("button", { name: "Cancel" }).click();

  // The one that is asked most says who asks it.
  await open(page, "/manage/assistants?search=support");
  await page.getByRole("switch", { name: "Support desk enabled" }).click();
  const off = page.getByRole("dialog", { name: "Disable assistants" });
  await expect(off.getByText(/requests within the last seven days, in: Customer Support/)).toBeVisible();
  await off.getByRole("button", { name: "Switch off" }).click();
  await expect(page.getByText("Assistant disabled")).toBeVisible();
  await page.getByRole("button", { name: "Undo" }).click();
  await expect(page.getByRole("switch", { name: "Support desk enabled" })).toBeChecked();
  await open(page, `/manage/assistants/${id}`);
  await expect(page.getByRole("region", { name: "Access" }).getByText("Who may do what")).toBeVisible();
  // A long page begins at its beginning.
  expect(await page.evaluate(() => scrollY)).toBe(0);
  await page.getByRole("button", { name: "Delete assistant" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete assistant" }).click();
  await expect(page.getByText("6 assistants")).toBeVisible();
});

test("what is given to one member is theirs to change, and nothing else", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "editor@acme.test");
  await open(page, "/manage/assistants?owner=me");
  // An owner without the organization's permission: their own are open to them, the rest explains itself.
  await expect(page.getByText("2 assistants · 2 enabled")).toBeVisible();
  await page.getByRole("link", { name: /Paper reader/ }).click();
  await page.getByLabel("Description").fill("Short and honest.");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Changes saved")).toBeVisible();
  await expect(page.getByRole("region", { name: "Access" })).toBeVisible();
  await open(page, "/manage/assistants");
  await expect(page.getByRole("switch", { name: "Pulze enabled" })).toHaveAccessibleDescription(/Only its owner/);
  await page.getByRole("link", { name: /^Pulze/ }).click();
  await expect(page.getByLabel("Name", { exact: true })).toBeDisabled();
  await expect(page.getByRole("button", { name: "Save changes" })).toHaveAccessibleDescription(/Only its owner/);
  await open(page, "/manage/tools");
  await expect(page.getByText(/You can see the tools/)).toBeVisible();
  await expect(page.getByRole("link", { name: "Add integration" })).toHaveCount(0);
  await page.getByRole("link", { name: /Order status/ }).click();
  await expect(page.getByRole("region", { name: "Access" })).toHaveCount(0);
  await expect(page.getByLabel("Endpoint")).toHaveCount(0);
  await expectAccessible(page);
});

test.describe("many", () => {
  test.use({ serverOptions: ["--demo-assistants", "2000"] });

  test("two thousand assistants: found, filtered and disabled together", async ({ page }) => {
    await page.goto("/");
    await signIn(page, "admin@acme.test");
    await open(page, "/manage/assistants");
    await expect(page.getByText("2,006 assistants · 2,005 enabled")).toBeVisible();
    // Only rows in sight are on the page.
    expect(await page.getByRole("row").count()).toBeLessThan(60);
    await page.getByRole("searchbox", { name: /Find an assistant/ }).fill("helper 1999");
    await expect(page.getByRole("link", { name: /helper 1999/ })).toBeVisible();
    await page.getByRole("searchbox", { name: /Find an assistant/ }).fill("helper");
    await expect(page.getByText("2,000 assistants · 2,000 enabled")).toBeVisible();
    await page.getByRole("checkbox", { name: "Select all" }).check();
    await expect(page.getByText("All 2,000 that match")).toBeVisible();
    await page.getByRole("region", { name: "Selection" }).getByRole("button", { name: "Disable" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Switch off" }).click();
    await expect(page.getByText("2,000 assistants disabled")).toBeVisible();
    await expect(page.getByText("2,000 assistants · 0 enabled")).toBeVisible();
  });
});
