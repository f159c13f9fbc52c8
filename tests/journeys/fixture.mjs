// Every journey has a server of its own, and fails on a page error or a refused piece of content.
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect } from "@playwright/test";
import { ahead, laterPage, now, startConsole, signIn } from "../console.mjs";

export { expect, now, signIn };

export const test = base.extend({
  /** What a server is started with beside the usual. */
  serverOptions: [[], { option: true }],
  server: async ({ serverOptions }, use) => {
    const server = await startConsole(serverOptions);
    await use(server);
    await server.stop();
  },
  baseURL: async ({ server }, use) => use(server.address),
  /** What must stay empty; a journey that provokes an answer may take its line out. */
  complaints: async ({}, use) => {
    const complaints = [];
    await use(complaints);
    expect(complaints).toEqual([]);
  },
  context: async ({ context, complaints, server }, use) => {
    if (ahead) await context.addInitScript(laterPage, ahead);
    await context.addInitScript(watchPlaceholders);
    context.on("console", (message) => {
      // The browser writes a line for every refused answer; the journeys look at what the page says.
      if (message.type() === "error" && !message.text().includes("Failed to load resource")) complaints.push(message.text());
    });
    context.on("weberror", (error) => complaints.push(String(error.error())));
    await use(context);
    if (server.log().includes("content security policy")) complaints.push(server.log());
  },
});

/** Complains of a `{word}` that a person would read or hear: a text that was shown without what it takes. */
function watchPlaceholders() {
  const placeholder = /\{[a-z][a-z_]*\}/;
  const spoken = ["aria-label", "aria-description", "title", "placeholder"];
  const complain = (text) => placeholder.test(text ?? "") && console.error(`a placeholder is shown: ${text}`);
  // Code is quoted as it is, and so are the templates of addresses in the documents of the API.
  const quoted = (node) => node.parentElement?.closest("code, pre, script, style, textarea") || location.pathname.startsWith("/api/docs");
  const look = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return quoted(node) || complain(node.data);
    if (node.nodeType !== Node.ELEMENT_NODE) return;
    for (const name of spoken) complain(node.getAttribute(name));
    if (node.shadowRoot) watch(node.shadowRoot);
    node.childNodes.forEach(look);
  };
  const changed = (records) => {
    for (const { type, target, attributeName, addedNodes } of records) {
      if (type === "attributes") complain(target.getAttribute(attributeName));
      else if (type === "characterData") look(target);
      else addedNodes.forEach(look);
    }
  };
  const watch = (root) => new MutationObserver(changed).observe(root, { subtree: true, childList: true, characterData: true, attributeFilter: spoken });
  const attach = Element.prototype.attachShadow;
  Element.prototype.attachShadow = function (options) {
    const root = attach.call(this, options);
    watch(root);
    return root;
  };
  watch(document);
}

/** The profile menu, opened. */
export async function openMenu(page) {
  await page.getByRole("button", { name: "Profile menu" }).click();
  const menu = page.getByRole("menu");
  await expect(menu).toBeVisible();
  return menu;
}

/** Opens a page of the organization that the address names. */
export async function open(page, path) {
  await expect(page).toHaveURL(/\/o\/org_/);
  const organization = new URL(page.url()).pathname.match(/^\/o\/org_[0-9a-f]+/)[0];
  await page.goto(organization + path);
}

/** What a gateway would enforce in a space, asked with the page's own session. */
export async function policy(page, space) {
  const organization = page.url().match(/org_[0-9a-f]+/)[0];
  const root = `/api/v1/organizations/${organization}`;
  const { spaces } = await (await page.request.get(`${root}/spaces`)).json();
  const { id } = spaces.find(({ name }) => name === space);
  return (await page.request.get(`${root}/spaces/${id}/effective-policy`)).json();
}

/** axe finds nothing. */
export async function expectAccessible(page) {
  // What fades in is not yet readable: wait until it stands, or is gone.
  await page.evaluate(() => Promise.all(document.getAnimations().filter((a) => a.effect.getTiming().iterations !== Infinity).map((a) => a.finished.catch(() => {}))));
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" | ")}`)).toEqual([]);
}
