// Times as a person sees them, as medians. Ratios between the rows carry over to other machines,
// milliseconds do not. What counts as ready: the profile button has a size, is enabled, and a click
// at its centre would hit it.
import { chromium as browserType } from "@playwright/test";
import { chromium, signIn, startConsole } from "./console.mjs";

const runs = Math.max(7, Number(process.env.PULZE_BENCH_RUNS ?? 9));
const server = await startConsole();
const conditions = {
  base: {},
  "4x CPU": { cpu: 4 },
  "slow 4G": { cpu: 4, latency: 560, bytesPerSecond: (1.4 * 1024 * 1024) / 8 },
};
const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** In the page: resolves with the time at which a condition first holds, checked every frame. */
const until = (page, condition, argument) =>
  page.evaluate(
    ([source, argument]) =>
      new Promise((done) => {
        const holds = new Function(`return (${source})`)();
        const look = () => (holds(argument) ? done(performance.now()) : requestAnimationFrame(look));
        look();
      }),
    [String(condition), argument],
  );
const usable = () => {
  const button = document.querySelector(".profile-button");
  const box = button?.getBoundingClientRect();
  return !!box?.width && button.contains(document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2));
};
/** From a trusted click to the first frame in which the condition holds. */
async function clicked(page, selector, condition, argument) {
  await page.evaluate((selector) => {
    document.querySelector(selector).addEventListener("click", (event) => (globalThis.clickedAt = event.timeStamp), { capture: true, once: true });
  }, selector);
  const at = until(page, condition, argument);
  await page.locator(selector).first().click();
  return (await at) - (await page.evaluate(() => globalThis.clickedAt));
}

const rows = [];
for (const [name, { cpu, latency, bytesPerSecond }] of Object.entries(conditions)) {
  const times = { ready: [], warm: [], menu: [], switch: [] };
  for (let run = -1; run < runs; run++) {
    const browser = await browserType.launch(chromium);
    const context = await browser.newContext({ baseURL: server.address, bypassCSP: true });
    const first = await context.newPage();
    await first.goto("/");
    await signIn(first, "admin@acme.test");
    const cookies = await context.cookies();
    await context.close();
    const cold = await browser.newContext({ baseURL: server.address, bypassCSP: true });
    await cold.addCookies(cookies);
    const page = await cold.newPage();
    const session = await cold.newCDPSession(page);
    if (cpu) await session.send("Emulation.setCPUThrottlingRate", { rate: cpu });
    if (latency) {
      await session.send("Network.enable");
      await session.send("Network.emulateNetworkConditions", { offline: false, latency, downloadThroughput: bytesPerSecond, uploadThroughput: bytesPerSecond });
    }
    const found = {};
    await page.goto("/", { waitUntil: "commit" });
    found.ready = await until(page, usable);
    await page.locator("dl.facts").waitFor();
    found.menu = await clicked(page, ".profile-button", () => document.querySelector(".profile-panel")?.matches(":popover-open"));
    found.switch = await clicked(page, "[role=menuitemradio][aria-checked=false]", () => document.querySelector("main h2")?.textContent === "Globex");
    await page.goto("/", { waitUntil: "commit" });
    found.warm = await until(page, usable);
    if (run >= 0) for (const key of Object.keys(times)) times[key].push(found[key]);
    await browser.close();
  }
  rows.push({ condition: name, ...Object.fromEntries(Object.entries(times).map(([key, values]) => [`${key} (ms)`, Math.round(median(values))])) });
}
console.log(`medians of ${runs} runs`);
console.table(rows);
await server.stop();
