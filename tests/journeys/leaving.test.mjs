// What a page has begun goes on when the person is elsewhere: every undoable change is undone from another page, and
// every form is left while it is being saved. A panic fails the journey, like everything that reaches the console.
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
    before: async (page) => {
      // The form holds what the server has again: a choice made sooner would be overwritten by it.
      await expect(page.getByLabel("Default router").locator("option:checked")).not.toHaveText("Papers");
      await expect(page.getByText("2 spaces inherit, 2 override").first()).toBeVisible();
    },
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

/** Opens an entry of the list that is shown. */
const entry = (name) => (page) => page.getByRole("link", { name }).first().click();

/** Forms and buttons: where they are, what is filled in, and what sends. */
const forms = {
  Members: [
    ["invite", async (page) => {
      await page.getByRole("button", { name: "Invite members" }).click();
      await page.getByLabel("Addresses").fill("someone@new.test");
      await page.getByRole("button", { name: "Check", exact: true }).click();
    }],
    ["change role", async (page) => {
      await row(page, "Bruno Costa").getByRole("button", { name: "Viewer" }).click();
      await changeRole(page);
    }],
    ["remove member", async (page) => {
      await entry(/Bruno Costa/)(page);
      await page.getByRole("button", { name: "Remove member" }).click();
      await page.getByRole("dialog").getByRole("button", { name: "Remove member" }).click();
    }],
    ["access template", async (page) => {
      await page.getByRole("link", { name: "Access templates" }).click();
      await page.getByRole("button", { name: "New template" }).click();
      await page.getByRole("dialog").getByLabel("Name", { exact: true }).fill("Interns");
      await page.getByRole("button", { name: "Create template" }).click();
    }],
    ["resend an invitation", async (page) => {
      await page.getByRole("combobox", { name: "Status" }).selectOption("Pending invitations");
      await page.getByRole("row").nth(1).getByRole("link").first().click();
      await page.getByRole("button", { name: "Resend" }).click();
    }],
  ],
  Spaces: [
    ["new space", async (page) => {
      await page.getByRole("button", { name: "New space" }).click();
      await page.getByLabel("Space name").fill("Afterwards");
      await page.getByRole("button", { name: "Create space" }).click();
    }],
    ["a role in a space", async (page) => {
      await changes["a role in a space"].come(page);
      await changes["a role in a space"].change(page);
    }],
  ],
  "API keys": [
    ["new key", async (page) => {
      await page.getByRole("link", { name: "New API key" }).click();
      await page.getByLabel("Name", { exact: true }).fill("Left behind");
      await page.getByRole("button", { name: "Create key" }).click();
    }],
    ["rotate", async (page) => {
      await page.locator("a.person").first().click();
      await page.getByRole("region", { name: "Rotate" }).getByRole("button").click();
    }],
  ],
  Routers: [
    ["router", async (page) => {
      await entry(/Papers/)(page);
      await page.getByLabel("Description").fill("Left while it is saved");
      await page.getByRole("button", { name: "Save changes" }).click();
    }],
  ],
  Assistants: [
    ["assistant", async (page) => {
      await entry(/Paper reader/)(page);
      await page.getByLabel("Description").fill("Left while it is saved");
      await page.getByRole("button", { name: "Save changes" }).click();
    }],
  ],
  Models: [
    ["own model", async (page) => {
      await page.getByRole("button", { name: "Add model" }).click();
      const dialog = page.getByRole("dialog");
      const fields = dialog.getByRole("textbox");
      for (const [place, value] of ["left-behind", "1000", "100", "1", "2"].entries()) await fields.nth(place).fill(value);
      await dialog.getByRole("button", { name: "Add model" }).click();
    }],
  ],
  General: [
    ["defaults", (page) => changes["the default router"].change(page)],
    ["profile", async (page) => {
      await page.getByLabel("Organization name").fill("Acme, left");
      await page.getByRole("button", { name: "Save changes" }).click();
    }],
  ],
};

for (const [name, all] of Object.entries(forms)) {
  test(`${name}: every form is left while it is saved`, async ({ page }) => {
    test.slow();
    await page.goto("/");
    await signIn(page, "admin@acme.test");
    await open(page, "/manage/usage");
    for (const [what, send] of all) {
      await test.step(what, async () => {
        // What changes something waits until the page is left.
        let release;
        const left = new Promise((done) => (release = done));
        const hold = async (route) => {
          if (route.request().method() !== "GET") await left;
          await route.continue();
        };
        await link(page, name).click();
        await expect(title(page, name)).toBeVisible();
        await page.route("**/api/v1/organizations/**", hold);
        const sent = page.waitForRequest((request) => request.method() !== "GET" && request.url().includes("/organizations/"));
        await send(page);
        const request = await sent;
        const leave = page.getByRole("button", { name: "Leave and discard" });
        // As often as it takes: back to the list, and from there to the page before.
        for (let step = 0; step < 4 && !(await title(page, "Usage").isVisible()); step += 1) {
          await page.evaluate(() => history.back());
          await page.waitForTimeout(150);
          if (await leave.isVisible()) await leave.click();
          await page.waitForTimeout(150);
        }
        await expect(title(page, "Usage")).toBeVisible();
        const answered = request.response();
        release();
        await answered;
        await page.waitForTimeout(300);
        await expect(title(page, "The console stopped")).toHaveCount(0);
        // Nobody is taken away from where they have gone.
        await expect(title(page, "Usage")).toBeVisible();
        await page.unroute("**/api/v1/organizations/**", hold);
      });
    }
  });
}
