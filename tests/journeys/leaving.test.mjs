// What a page has begun goes on when the person is elsewhere: every undoable change is undone from another page. A panic fails the journey, like everything that reaches the console.
import { expect, open, signIn, test } from "./fixture.mjs";

const link = (page, name) => page.getByRole("navigation", { name: "Manage Organization" }).getByRole("link", { name, exact: true });
const title = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });
const row = (page, name) => page.getByRole("row").filter({ hasText: name });
const undo = (page) => page.getByRole("button", { name: /^Undo/ });

async function changeRole(page) {
  const dialog = page.getByRole("dialog", { name: "Change role" });
  await dialog.getByRole("radio", { name: "Admin" }).check();
  await dialog.getByRole("button", { name: "Change role" }).click();
}

/** Turns a switch; what asks first is answered. */
async function turn(page, name) {
  await page.getByRole("switch", { name, exact: true }).click();
  const toast = undo(page);
  const confirm = page.getByRole("dialog").getByRole("button", { name: /^(Disable \d+ model|Switch off)/ });
  await expect(toast.or(confirm)).toBeVisible();
  if (!(await confirm.isVisible())) return;
  await expect(page.getByRole("dialog").getByRole("status", { name: "Loading" })).toHaveCount(0);
  const accept = page.getByRole("dialog").getByRole("checkbox");
  if (await accept.isVisible()) await accept.check();
  await confirm.click();
}

const cell = (page, name, column) => row(page, name).getByRole("gridcell").nth(column);

const changes = {
  "a role, in the list": {
    path: "/manage/members",
    change: async (page) => {
      await row(page, "Bruno Costa").getByRole("button", { name: "Viewer" }).click();
      await changeRole(page);
    },
    before: (page) => expect(row(page, "Bruno Costa").getByRole("button", { name: "Viewer" })).toBeVisible(),
  },
  "a role, on the member's page": {
    path: "/manage/members",
    come: (page) => page.getByRole("link", { name: /Bruno Costa/ }).click(),
    change: async (page) => {
      await page.getByRole("button", { name: "Change role" }).click();
      await changeRole(page);
    },
    before: (page) => expect(page.getByRole("heading", { level: 2, name: "Viewer", exact: true })).toBeVisible(),
  },
  "space access, in the grid": {
    path: "/manage/members/space-access?search=kavya",
    change: async (page) => {
      await cell(page, "Kavya Nair", 0).click();
      await page.getByLabel("Set role").selectOption("Admin");
      await page.getByRole("button", { name: "Review" }).click();
      await page.getByRole("dialog", { name: "Space access" }).getByRole("button", { name: "Apply" }).click();
    },
    before: (page) => expect(cell(page, "Kavya Nair", 0)).toHaveText("None"),
  },
  "a role in a space": {
    path: "/manage/spaces",
    come: (page) => page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "Research" }) }).getByRole("link").first().click(),
    change: (page) => page.getByLabel("Role of Hiro Tanaka").selectOption("Editor"),
    before: (page) => expect(page.getByLabel("Role of Hiro Tanaka")).toHaveValue("viewer"),
  },
  "a setting of a space": {
    path: "/manage/spaces",
    come: (page) => page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "Marketing" }) }).getByRole("link").first().click(),
    change: (page) => page.getByRole("region", { name: "Router and naming" }).getByLabel("Router").selectOption("Papers"),
    before: (page) => expect(page.getByText(/^Now: .*inherited from the organization\./).first()).toBeVisible(),
  },
  "a model": {
    path: "/manage/models?search=claude-haiku-4-5",
    change: (page) => turn(page, "anthropic/claude-haiku-4-5 enabled"),
    before: (page) => expect(page.getByRole("switch", { name: "anthropic/claude-haiku-4-5 enabled", exact: true })).toBeChecked(),
  },
  "an assistant": {
    path: "/manage/assistants?search=support",
    change: (page) => turn(page, "Support desk enabled"),
    before: (page) => expect(page.getByRole("switch", { name: "Support desk enabled" })).toBeChecked(),
  },
  "an assistant that was off": {
    path: "/manage/assistants?state=disabled",
    change: (page) => page.getByRole("switch").first().click(),
    before: (page) => expect(page.getByRole("switch").first()).not.toBeChecked(),
  },
  "the default router": {
    path: "/manage/general",
    change: async (page) => {
      const form = page.locator("form").filter({ hasText: "Defaults for spaces" });
      await form.getByLabel("Default router").selectOption("Papers");
      await form.getByRole("button", { name: "Save defaults" }).click();
    },
    before: (page) => expect(page.getByText("2 spaces inherit, 2 override").first()).toBeVisible(),
  },
  "access to an assistant": {
    path: "/manage/assistants",
    come: (page) => page.getByRole("link", { name: /Paper reader/ }).click(),
    change: (page) => page.getByRole("region", { name: "Access" }).getByLabel("Level of Viewer").selectOption("No access"),
    before: (page) => expect(page.getByRole("region", { name: "Access" }).getByLabel("Level of Viewer")).not.toHaveValue("none"),
  },
};

for (const [what, { path, come, change, before }] of Object.entries(changes)) {
  test(`${what}: undone where it was changed, and from elsewhere`, async ({ page }) => {
    await page.goto("/");
    await signIn(page, "admin@acme.test");
    await open(page, path);
    await come?.(page);
    await before(page);
    for (const elsewhere of [false, true]) {
      await change(page);
      await expect(undo(page)).toBeVisible();
      if (elsewhere) {
        await link(page, "Usage").click();
        await expect(title(page, "Usage")).toBeVisible();
      }
      await undo(page).click();
      await expect(page.getByText("Undone").last()).toBeVisible();
      if (elsewhere) await page.goBack();
      await before(page);
      await expect(title(page, "The console stopped")).toHaveCount(0);
    }
  });
}
