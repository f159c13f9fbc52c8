// What the overview promises, what pages show and what the API answers come from one table.
import { expect, signIn, test } from "./fixture.mjs";

const button = (name) => (page) => page.getByRole("main").getByRole("button", { name }).first();
const heading = (name) => (page) => page.getByRole("heading", { level: 1, name });
const row = (page) => page.locator(".member-row a.person, .member-row .person, .long-row .person").first();

/** By what one sees that one can do it there. */
const signs = {
  "organization:read": heading("Overview"),
  "organization:manage": heading("General"),
  "organization:update": (page) => page.getByRole("textbox", { name: "Organization name" }),
  "organization:delete": button(/Delete organization/i),
  "members:read": row,
  "members:invite": (page) => page.getByRole("dialog", { name: /Invite/ }),
  "members:update": (page) => page.getByRole("checkbox", { name: /^Select / }).last(),
  // One opens a member to remove them.
  "members:remove": (page) => page.locator("a.person[href*='/members/user_']").first(),
  "members:export": (page) => page.getByRole("button", { name: "Export CSV" }),
  "spaces:read": (page) => page.locator(".space-card, .empty").first(),
  "spaces:update": (page) => page.locator("[role=gridcell], .empty").first(),
  "spaces:create": (page) => page.getByRole("dialog", { name: /space/i }),
  // An editor deletes the spaces they are admin of; there may be none.
  "spaces:delete": (page) => page.locator(".space-card, .empty").first(),
  "models:read": row,
  "models:update": (page) => page.locator(".long-row [role=switch], .long-row .switch").first(),
  "routers:read": row,
  "routers:create": (page) => page.locator("form.form .chain-add, form .chain-add").first(),
  "routers:update": row,
  "routers:set_default": (page) => page.getByRole("heading", { level: 2, name: /^Defaults/ }),
  "assistants:read": (page) => page.locator(".long-row .person, .empty").first(),
  "assistants:update": (page) => page.getByRole("main").locator("a[href$='/assistants/new']").first(),
  "tools:read": row,
  "tools:update": (page) => page.getByRole("main").locator("a[href$='/tools/new']").first(),
  "api_keys:read": (page) => page.locator(".long-row .person, .empty").first(),
  "api_keys:create": (page) => page.locator(".scope-row").first(),
  "api_keys:rotate": (page) => page.locator(".long-row .person, .empty").first(),
  "api_keys:revoke": (page) => page.locator(".long-row .person, .empty").first(),
  "usage:read": (page) => page.locator(".tiles, .nothing-yet").first(),
  "usage:read_own": (page) => page.locator(".tiles, .nothing-yet").first(),
  "usage:import": (page) => page.locator("body :text('usage_import')").first(),
};

/** The organizations of whoever is signed in. */
async function organizations(page) {
  const { viewer } = await (await page.request.get("/api/v1/session")).json();
  return viewer.organizations;
}

for (const account of ["viewer@acme.test", "editor@acme.test", "admin@acme.test"]) {
  test(`every ability that the overview promises ${account} is there, and the API agrees`, async ({ page }) => {
    test.setTimeout(180_000);
    await page.goto("/");
    await signIn(page, account);
    const refused = [];
    page.on("response", (answer) => {
      if (new URL(answer.url()).pathname.startsWith("/api/") && answer.status() >= 400) refused.push(`${answer.status()} ${answer.url()}`);
    });
    for (const { id, name, permissions, plan } of await organizations(page)) {
      await page.goto(`/o/${id}`);
      const promised = page.locator(".checks a");
      await expect(promised.first()).toBeVisible();
      const abilities = await promised.evaluateAll((links) => links.map((link) => [link.dataset.permission, link.getAttribute("href")]));
      // Keys are of one plan; nothing else is held back.
      const held = permissions.filter((permission) => plan === "pulze_x_suite" || !permission.startsWith("api_keys:"));
      expect(abilities.map(([permission]) => permission).sort(), name).toEqual(held.sort());
      for (const [permission, href] of abilities) {
        const what = `${permission} in ${name}: ${href}`;
        expect(href, what).not.toBeNull();
        expect(signs[permission], `${permission} has no sign in this journey`).toBeDefined();
        await page.locator(`.checks a[data-permission="${permission}"]`).click();
        await expect(signs[permission](page), what).toBeVisible();
        await expect(page.getByRole("heading", { level: 1, name: "Not found" }), what).toHaveCount(0);
        await expect(page.locator(".failure"), what).toHaveCount(0);
        expect(refused, what).toEqual([]);
        await page.goto(`/o/${id}`);
        await expect(promised.first()).toBeVisible();
      }
    }
  });

  test(`a page is open to ${account} exactly where the API answers`, async ({ page }) => {
    test.setTimeout(180_000);
    await page.goto("/");
    await signIn(page, account);
    const asked = [];
    page.on("request", (request) => asked.push(new URL(request.url()).pathname));
    for (const { id, name, plan } of await organizations(page)) {
      const api = `/api/v1/organizations/${id}`;
      const pages = {
        members: "members?limit=1",
        "members/space-access": "access",
        spaces: "spaces",
        models: "models",
        routers: "routers",
        assistants: "assistants",
        tools: "tools",
        "api-keys": "api-keys",
        usage: "usage",
      };
      for (const [path, question] of Object.entries(pages)) {
        const status = (await page.request.get(`${api}/${question}`)).status();
        // What the page before may still ask is not this one's.
        await page.goto("about:blank");
        asked.length = 0;
        await page.goto(`/o/${id}/manage/${path}`);
        const title = page.getByRole("heading", { level: 1 });
        await expect(title).toBeVisible();
        const open = (await title.textContent()) !== "Not found";
        // Without the plan the page says what the plan would bring.
        expect(open, `${path} in ${name}: ${status}`).toBe(status === 200 || (status === 409 && plan !== "pulze_x_suite"));
        if (open) continue;
        expect(status).toBe(403);
        expect(asked.filter((path) => path.startsWith(api) && !path.endsWith("/events"))).toEqual([]);
      }
      // The navigation of an open page names the open pages, and no other.
      await page.goto(`/o/${id}/manage/spaces`);
      const links = page.locator("nav.side a");
      await expect(links.first()).toBeVisible();
      for (const href of await links.evaluateAll((links) => links.map((link) => link.getAttribute("href")))) {
        await page.goto(href);
        await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
        await expect(page.getByRole("heading", { level: 1, name: "Not found" }), href).toHaveCount(0);
      }
    }
  });
}

test("who may only read members reads them, and is offered nothing else", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "viewer@acme.test");
  await page.getByRole("main").getByRole("link", { name: "Members", exact: true }).first().click();
  await expect(page.getByRole("heading", { level: 1, name: "Members" })).toBeVisible();
  await expect(page.locator(".member-row .person").first()).toBeVisible();
  const main = page.getByRole("main");
  await expect(main.getByRole("checkbox")).toHaveCount(0);
  await expect(main.locator("a.person[href]")).toHaveCount(0);
  await expect(main.getByRole("button", { name: /Invite|Change role/ })).toHaveCount(0);
  // Invitations are shown to whoever invites.
  await expect(page.getByLabel("Status").locator("option[value=pending], option[value=declined], option[value=expired]")).toHaveCount(0);
  await page.goto(`${page.url().split("?")[0]}?invite=true`);
  await expect(page.locator(".member-row .person").first()).toBeVisible();
  await expect(page.getByRole("dialog")).toHaveCount(0);
});
