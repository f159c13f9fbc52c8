import { readFile } from "node:fs/promises";
import { expect, expectAccessible, openMenu, signIn, test } from "./fixture.mjs";

const general = async (page) => {
  await (await openMenu(page)).getByRole("menuitem", { name: "Manage Organization" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "General" })).toBeVisible();
};
const switchTo = async (page, name) => {
  await (await openMenu(page)).getByRole("menuitemradio", { name }).click();
  await expect(page.getByRole("banner").getByRole("link", { name: name })).toBeVisible();
};

test("create: the note on billing, one organization on a double click, and then inside it", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await (await openMenu(page)).getByRole("menuitem", { name: "New Organization" }).click();
  const dialog = page.getByRole("dialog", { name: "New Organization" });
  await expect(dialog.getByText("separate billing entity")).toBeVisible();
  await expect(dialog.getByLabel("Organization name")).toBeFocused();
  await dialog.getByRole("button", { name: "Create organization" }).click();
  await expect(dialog.getByText("This is required.")).toBeVisible();
  await dialog.getByLabel("Logo URL").fill("http://logo.example/l.png");
  await expect(dialog.getByText("The address must begin with https://")).toBeVisible();
  await dialog.getByLabel("Logo URL").fill("");
  await dialog.getByLabel("Organization name").fill("Initech");
  await dialog.getByRole("button", { name: "Create organization" }).dblclick();
  await expect(dialog).toBeHidden();
  await expect(page.getByRole("banner").getByRole("link", { name: "Initech" })).toBeVisible();
  await expect(page.getByText(/^org_[0-9a-f]{32}$/)).toBeVisible();
  await page.reload();
  await openMenu(page);
  await expect(page.getByRole("menuitemradio", { name: "Initech" })).toHaveCount(1);
  await expect(page.getByRole("menuitemradio", { name: "Initech" })).toHaveAttribute("aria-checked", "true");
});

test("edit: saved everywhere at once, and guarded while unsaved", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await general(page);
  const save = page.getByRole("button", { name: "Save changes" });
  await expect(save).toHaveAccessibleDescription("Nothing has changed yet.");
  const name = page.getByRole("textbox", { name: "Organization name" });
  await name.fill("Acme Robots");
  await page.getByRole("banner").getByRole("link").click();
  const guard = page.getByRole("dialog", { name: "Unsaved changes" });
  await guard.getByRole("button", { name: "Keep editing" }).click();
  await expect(name).toHaveValue("Acme Robots");
  const address = page.url();
  await page.goBack();
  await guard.getByRole("button", { name: "Keep editing" }).click();
  await expect(page).toHaveURL(address);
  await expect(name).toHaveValue("Acme Robots");
  await page.getByLabel("Reporting time zone").selectOption("Europe/Paris");
  await save.click();
  await expect(page.getByText("Changes saved")).toBeVisible();
  await expect(page.getByRole("banner").getByRole("link", { name: "Acme Robots" })).toBeVisible();
  await expect(page).toHaveTitle("General · Acme Robots");
  await name.fill("Something else");
  await page.getByRole("banner").getByRole("link").click();
  await guard.getByRole("button", { name: "Leave and discard" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  await general(page);
  await name.fill("Yet another");
  await page.goBack();
  await guard.getByRole("button", { name: "Leave and discard" }).click();
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  await page.reload();
  await expect(page.getByRole("main").getByText("Acme Robots")).toBeVisible();
  await expect(page.getByText("Europe/Paris")).toBeVisible();
});

test("a conflict shows both versions and loses nothing", async ({ page, browser, baseURL }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await general(page);
  await page.getByRole("textbox", { name: "Organization name" }).fill("Mine");

  const second = await (await browser.newContext({ baseURL })).newPage();
  await second.goto(page.url());
  await signIn(second, "operations@acme.test");
  await second.getByRole("textbox", { name: "Organization name" }).fill("Theirs");
  await second.getByLabel("Reporting time zone").selectOption("Asia/Tokyo");
  await second.getByRole("button", { name: "Save changes" }).click();
  await expect(second.getByText("Changes saved")).toBeVisible();

  await page.getByRole("button", { name: "Save changes" }).click();
  const conflict = page.getByRole("alert").filter({ hasText: "Olivia Hart saved in between" });
  await expect(conflict.getByRole("row", { name: /Organization name/ })).toContainText("Theirs");
  await expect(page.getByRole("textbox", { name: "Organization name" })).toHaveValue("Mine");
  await expect(page.getByLabel("Reporting time zone")).toHaveValue("Asia/Tokyo");
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Changes saved")).toBeVisible();
  await second.reload();
  await expect(second.getByRole("textbox", { name: "Organization name" })).toHaveValue("Mine");
  await expect(second.getByLabel("Reporting time zone")).toHaveValue("Asia/Tokyo");
});

test("leave and delete: refused with the reason, then done", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await general(page);
  const remove = page.getByRole("button", { name: "Delete organization" });
  await expect(remove).toHaveAccessibleDescription(/Pulze X Suite still runs/);
  await remove.click({ force: true });
  await expect(page.getByRole("dialog")).toHaveCount(0);

  await switchTo(page, "Northwind Labs");
  await expect(page.getByRole("button", { name: "Leave organization" })).toHaveAccessibleDescription(/only admin/);
  await remove.click();
  const dialog = page.getByRole("dialog", { name: "Delete organization" });
  const confirm = dialog.getByRole("button", { name: "Delete organization" });
  await confirm.click({ force: true });
  await expect(dialog).toBeVisible();
  await dialog.getByLabel("Type Northwind Labs to confirm").fill("Northwind Labs");
  await confirm.click();
  await expect(page.getByText("Northwind Labs was deleted")).toBeVisible();
  await expect(page.getByRole("heading", { level: 1, name: "Overview" })).toBeVisible();
  await openMenu(page);
  await expect(page.getByRole("menuitemradio")).toHaveCount(2);
  await page.keyboard.press("Escape");

  await switchTo(page, "Acme Robotics");
  await general(page);
  await page.getByRole("button", { name: "Leave organization" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Leave organization" }).click();
  await expect(page.getByText("You left Acme Robotics")).toBeVisible();
  await expect(page.getByRole("banner").getByRole("link", { name: "Globex" })).toBeVisible();
});

test("a logo is fetched by the server or uploaded, refused with the reason, and shown from here", async ({ page }) => {
  const svg = (side) => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="${side}" height="${side}"><rect width="100%" height="100%" fill="teal"/></svg>`);
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await general(page);
  const logo = page.getByLabel("Logo URL");
  await logo.fill("https://127.0.0.1/64.svg");
  await expect(page.getByText("The server could not fetch a picture from this address.")).toBeVisible();
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Changes saved")).toHaveCount(0);
  const file = page.locator("input[type=file]");
  await file.setInputFiles({ name: "small.svg", mimeType: "image/svg+xml", buffer: svg(64) });
  await expect(page.getByText("This image is 64 × 64 pixels. Each side must have 120 to 1,800 pixels.")).toBeVisible();
  // Each refusal says what was found.
  const text = (svg) => Buffer.from(`<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200">${svg}</svg>`);
  const refusals = [
    ["animated.gif", Buffer.from("GIF89a"), "This is a GIF file. Save it as PNG, JPG or SVG."],
    ["logo.png", Buffer.from("RIFF\x24\0\0\0WEBPVP8 ", "latin1"), "This is a WebP file named .png."],
    ["logo.svg", Buffer.from("%PDF-1.7\n"), "This is a PDF file named .svg."],
    ["logo.jpg", Buffer.from("<!doctype html><title>Not found</title>"), "This is a web page, not an image."],
    ["cut.png", Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1"), "This PNG file is damaged or incomplete."],
    ["empty.png", Buffer.alloc(0), "This file is empty."],
    ["large.png", Buffer.alloc(700 * 1024), "This file has 700 KB. At most 512 KB are allowed."],
    ["broken.svg", text("\n<rect>"), "This SVG has an error in line 2."],
    ["linked.svg", text('<image href="photo.png"/>'), "This SVG needs another file: photo.png."],
    ["moving.svg", text('<animate attributeName="x"/>'), "This SVG is animated."],
    ["entity.svg", text("<text>&nbsp;</text>"), "The document type of this SVG leaves an entity undefined"],
  ];
  for (const [name, buffer, sentence] of refusals) {
    await file.setInputFiles({ name, mimeType: "image/png", buffer });
    await expect(page.getByText(sentence)).toBeVisible();
  }
  await expectAccessible(page);
  await file.setInputFiles({ name: "large.svg", mimeType: "image/svg+xml", buffer: svg(256) });
  await expect(page.getByText("256 × 256 pixels. This works.")).toBeVisible();
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByText("Changes saved")).toBeVisible();
  await expect(page.getByRole("banner").locator("img").first()).toHaveAttribute("src", /^\/images\/[0-9a-f]{64}$/);
  await page.getByRole("button", { name: "Remove picture" }).click();
  await page.getByRole("button", { name: "Save changes" }).click();
  await expect(page.getByRole("banner").getByRole("link", { name: "Acme Robotics" }).locator("img")).toHaveCount(0);
});

test("drawings of design tools look the same once they are kept", async ({ page, browser }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await general(page);
  const blank = await (await browser.newContext()).newPage();
  // A page without a policy of its own draws both from their text.
  const drawn = async (svg, side) => {
    await blank.setContent(`<body style="margin:0"><img width="${side}" height="${side}" src="data:image/svg+xml;base64,${svg.toString("base64")}">`);
    await blank.waitForFunction(() => document.images[0].complete && document.images[0].naturalWidth > 0);
    return blank.locator("img").screenshot();
  };
  const shown = page.getByRole("group", { name: "Preview" }).locator("img").first();
  let before = null;
  for (const name of ["illustrator", "inkscape", "figma", "prefix"]) {
    const original = await readFile(new URL(`../../crates/server/tests/pictures/${name}.svg`, import.meta.url));
    await page.locator("input[type=file]").setInputFiles({ name: `${name}.svg`, mimeType: "image/svg+xml", buffer: original });
    await expect(page.getByText(/4[08]0 × 4[08]0 pixels. This works./)).toBeVisible();
    if (before) await expect(shown).not.toHaveAttribute("src", before);
    before = await shown.getAttribute("src");
    const kept = await (await page.request.get(before)).body();
    for (const side of [32, 128]) {
      const picture = await drawn(kept, side);
      expect(picture.equals(await drawn(original, side)), `${name} at ${side} pixels`).toBe(true);
      expect(picture.equals(await drawn(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'), side)), `${name} is drawn`).toBe(false);
    }
  }
});

test("a time zone is kept and shown by the name that was chosen", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await general(page);
  const organization = page.url().match(/org_[0-9a-f]+/)[0];
  const select = page.getByLabel("Reporting time zone");
  const offered = await page.evaluate(() => Intl.supportedValuesOf("timeZone"));
  for (const zone of ["Asia/Kolkata", "Asia/Calcutta", "Europe/Kyiv", "Europe/Kiev"]) {
    if (offered.includes(zone)) {
      await select.selectOption(zone);
      await page.getByRole("button", { name: "Save changes" }).click();
      await expect(page.getByText("Changes saved").last()).toBeVisible();
      await expect(page.getByRole("button", { name: "Save changes" })).toHaveAttribute("aria-disabled", "true");
    } else {
      // As another browser would save it.
      const { version } = await (await page.request.get(`/api/v1/organizations/${organization}`)).json();
      const headers = { Origin: new URL(page.url()).origin, "If-Match": `"${version}"` };
      expect((await page.request.patch(`/api/v1/organizations/${organization}`, { data: { reporting_time_zone: zone }, headers })).status()).toBe(200);
    }
    await page.reload();
    await expect(select).toHaveValue(zone);
  }
});
