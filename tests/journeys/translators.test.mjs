// Other hands in the page: translators of browsers put elements of theirs in the place of texts.
import { expect, open, signIn, test } from "./fixture.mjs";

/** Does to every text what Chrome's translator does, now and whenever one comes. */
function translate() {
  const skip = (node) => node.parentElement.closest("[translate=no], script, style, title, textarea, font");
  const replace = (text) => {
    if (!text.data.trim() || !text.isConnected || skip(text)) return;
    const [outer, inner] = [document.createElement("font"), document.createElement("font")];
    inner.textContent = `«${text.data}»`;
    outer.append(inner);
    text.parentNode.insertBefore(outer, text);
    text.remove();
  };
  const all = (root) => {
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    texts.forEach(replace);
  };
  new MutationObserver((records) => records.forEach(({ addedNodes, target, type }) => {
    if (type === "characterData" && target.parentElement) replace(target);
    addedNodes.forEach((node) => (node.nodeType === Node.TEXT_NODE ? node.parentElement && replace(node) : node.nodeName !== "FONT" && all(node)));
  })).observe(document.body, { childList: true, subtree: true, characterData: true });
  document.documentElement.classList.add("translated-ltr");
  all(document.body);
}

test("lists and headings stay right under a translator", async ({ page }) => {
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  await open(page, "/manage/members");
  await expect(page.getByText("19 people")).toBeVisible();
  await page.evaluate(translate);
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("«Members»");

  // Each row is one person: the name in the cell is the name of its checkbox and the one of its address.
  const rows = () => page.locator("tbody tr.member-row:has(input)").evaluateAll((rows) => rows.map((row) => [row.querySelector(".person-name bdi").textContent, row.querySelector("input").getAttribute("aria-label")]));
  const agree = async () => {
    for (const [name, label] of await rows()) expect(label).toContain(name.replaceAll(/[«»]/g, ""));
  };
  await agree();
  const first = (await rows())[0][0];
  await page.getByRole("columnheader", { name: /Name/ }).getByRole("button").click();
  await expect.poll(async () => (await rows())[0][0]).not.toBe(first);
  await agree();

  // Other pages have headings of their own.
  const navigation = page.getByRole("navigation").filter({ has: page.getByRole("link", { name: /Routers/ }) });
  for (const name of ["Spaces", "Routers", "Usage", "Members"]) {
    await navigation.getByRole("link", { name: new RegExp(name) }).first().click();
    await expect(page.getByRole("heading", { level: 1 })).toHaveText(`«${name}»`);
  }
});
