// Times as a person sees them, as medians. Ratios between the rows carry over to other machines,
// milliseconds do not. What counts as ready: the profile button has a size, is enabled, and a click
// at its centre would hit it.
import { createHash } from "node:crypto";
import { Agent, request } from "node:http";
import { crc32 } from "node:zlib";
import { chromium as browserType } from "@playwright/test";
import { chromium, signIn, startConsole } from "./console.mjs";

const runs = Math.max(7, Number(process.env.PULZE_BENCH_RUNS ?? 9));
/** Whether a part is wanted: all of them, or the one that was named. */
const wanted = (part) => !process.env.PULZE_BENCH_ONLY || process.env.PULZE_BENCH_ONLY === part;
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

async function pages() {
  const server = await startConsole();
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
}
if (wanted("pages")) await pages();

/** How long frames take while the page is scrolled, in order of length. */
const scrolled = async () => {
  const frame = () => new Promise(requestAnimationFrame);
  const times = [];
  let last = await frame();
  for (let step = 0; step < 120; step++) {
    scrollBy(0, 300);
    const now = await frame();
    times.push(now - last);
    last = now;
  }
  return times.toSorted((a, b) => a - b);
};

/** A list of resources: how soon it stands, how it scrolls, and how soon it follows what is typed. */
async function list(what, slug, sought, options) {
  const served = await startConsole(options);
  const times = { "first rows": [], "keystroke to result": [], "scroll frame, median": [], "scroll frame, 95 %": [] };
  for (let run = -1; run < runs; run++) {
    const browser = await browserType.launch(chromium);
    const page = await (await browser.newContext({ baseURL: served.address, bypassCSP: true, viewport: { width: 1280, height: 900 } })).newPage();
    await page.goto("/");
    await signIn(page, "admin@acme.test");
    await page.getByRole("link", { name: "Manage Organization" }).click();
    const found = {};
    found["first rows"] = await clicked(page, `nav a[href$='/${slug}']`, () => document.querySelectorAll(".long-row").length > 5);
    const frames = await page.evaluate(scrolled);
    found["scroll frame, median"] = frames[60];
    found["scroll frame, 95 %"] = frames[114];
    const result = until(page, () => document.querySelectorAll(".long-row").length === 1);
    const typed = await page.evaluate(() => (scrollTo(0, 0), performance.now()));
    await page.locator("input[type=search]").fill(sought);
    found["keystroke to result"] = (await result) - typed;
    if (run >= 0) for (const key of Object.keys(times)) times[key].push(found[key]);
    await browser.close();
  }
  console.log(`${what}, medians of ${runs} runs`);
  console.table(Object.entries(times).map(([what, values]) => ({ what, ms: Math.round(median(values) * 10) / 10 })));
  await served.stop();
}
if (wanted("lists")) await list("274 models", "models", "claude-haiku-5-5", []);
if (wanted("lists")) await list("2,006 assistants", "assistants", "helper 1999", ["--demo-assistants", "2000"]);

// Verifying keys among 100,000: how many a second, and how long the slowest of a hundred takes.
async function verifying() {
  const checked = await startConsole(["--demo-keys", "100000"]);
  const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const secret = (index) => {
    const start = `pk_${createHash("sha256").update(`key ${index}`).digest("hex").slice(0, 43)}`;
    let rest = crc32(start);
    let sum = "";
    for (let digit = 0; digit < 6; digit++, rest = Math.floor(rest / 62)) sum = alphabet[rest % 62] + sum;
    return start + sum;
  };
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const verify = (index) => new Promise((done, failed) => {
    const body = JSON.stringify({ key: secret(index), scope: "chat_completions", level: "write", address: "203.0.113.9", client: "bench" });
    const asked = request(`${checked.address}/api/v1/keys/verify`, { method: "POST", agent, headers: { "content-type": "application/json" } }, (answer) => {
      let text = "";
      answer.on("data", (data) => (text += data));
      answer.on("end", () => done(JSON.parse(text)));
    });
    asked.on("error", failed);
    asked.end(body);
  });
  const took = [];
  const until = performance.now() + 6000;
  let next = 0;
  const caller = async () => {
    while (performance.now() < until) {
      const began = performance.now();
      const { allowed } = await verify((next++ * 7919) % 100000);
      if (!allowed) throw new Error("a good key was refused");
      took.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: 16 }, caller));
  took.sort((a, b) => a - b);
  console.log("verify, 100,000 keys, 16 callers on the same machine");
  console.table([{ "requests a second": Math.round(took.length / 6), "median (ms)": median(took).toFixed(1), "p99 (ms)": took[Math.floor(took.length * 0.99)].toFixed(1) }]);
  agent.destroy();
  await checked.stop();
}
if (wanted("verify")) await verifying();

/** The charts of the usage page: what an answer costs until it is drawn. Answers are made here, so that only drawing is measured. */
async function charts() {
  const served = await startConsole();
  const day = 86_400_000;
  const start = Date.UTC(2025, 0, 1);
  const amounts = (calls) => ({ calls, errors: 0, prompt_tokens: calls * 900, completion_tokens: calls * 100, cost: calls * 2100, unpriced: 0, latency_p50: 800, latency_p95: 2400 });
  let turn = 0;
  const answer = () => {
    turn++;
    const value = (series, place) => 1000 + ((series * 37 + place * 13 + turn * 101) % 977);
    const points = Array.from({ length: 365 }, (_, place) => amounts(Array.from({ length: 12 }, (_, series) => value(series, place)).reduce((all, one) => all + one, 0)));
    const total = amounts(points.reduce((all, one) => all + one.calls, 0));
    const groups = Array.from({ length: 12 }, (_, series) => ({ id: `model/${series}`, name: `model/${series}`, color: series, amounts: amounts(1000), before: null, values: points.map((_, place) => value(series, place)) }));
    return { from: start, to: start + 365 * day, time_zone: "UTC", granularity: "day", granularities: ["day"], complete_through: start, now: start + 366 * day, buckets: points.map((_, place) => start + place * day), total, points, before: null, groups, groups_total: 12, rest: null, filters: [], tie_out: [] };
  };
  const cloud = { at: Array.from({ length: 100_000 }, (_, place) => start + Math.floor((place * 365 * day) / 100_000)), latency: Array.from({ length: 100_000 }, (_, place) => 200 + ((place * 7919) % 9000)), tokens: Array.from({ length: 100_000 }, () => 1000), failed: Array.from({ length: 100_000 }, (_, place) => place % 61 === 0), cut: false };
  const times = { "12 series × 365: first draw": [], "12 series × 365: update": [], "100,000 points: first draw": [], "100,000 points: frame while zooming and panning, median": [], "the same, 95 %": [] };
  const browser = await browserType.launch(chromium);
  const page = await (await browser.newContext({ baseURL: served.address, bypassCSP: true, viewport: { width: 1280, height: 900 } })).newPage();
  await page.goto("/");
  await signIn(page, "admin@acme.test");
  const organization = new URL(page.url()).pathname.match(/^\/o\/org_[0-9a-f]+/)[0];
  await page.route(/\/api\/.*\/usage\?/, (route) => route.fulfill({ json: answer() }));
  await page.route(/\/usage\/calls\?/, (route) => route.fulfill({ json: { calls: [{ id: "1", at: start, space: "", member: "", assistant: "", model: "a/b", api_key: "", prompt_tokens: 1, completion_tokens: 1, latency: 1, status: 200, cost: 1, cost_source: "reported" }], next: null, kept_days: 90 } }));
  await page.route(/\/usage\/calls\/points\?/, (route) => route.fulfill({ json: cloud }));
  /** From the last byte of the first such answer to the first frame in which something holds. */
  const since = async (part, condition, argument) => {
    const at = await until(page, condition, argument);
    return at - (await page.evaluate((part) => Math.min(...performance.getEntriesByType("resource").filter((entry) => entry.name.includes(part)).map((entry) => entry.responseEnd)), part));
  };
  const drawn = (before) => {
    const path = document.querySelector(".chart-card .chart-column")?.getAttribute("d");
    return !!path && path !== before;
  };
  for (let run = -1; run < runs; run++) {
    const found = [];
    await page.goto(`${organization}/manage/usage?range=12m&granularity=day&group=model`, { waitUntil: "commit" });
    found.push(await since("/usage?", drawn, null));
    const before = await page.locator(".chart-card .chart-column").first().getAttribute("d");
    await page.evaluate(() => performance.clearResourceTimings());
    await page.locator(".toolbar-usage select").nth(1).selectOption("tokens");
    found.push(await since("/usage?", drawn, before));
    await page.locator(".usage-actions button[aria-pressed]").click();
    const painted = () => {
      const canvas = document.querySelector(".cloud-canvas");
      return !!canvas?.width && canvas.width > 300 && canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte > 0);
    };
    found.push(await since("/calls/points?", painted));
    const frames = await page.evaluate(async () => {
      const plot = document.querySelector(".cloud [role=application]");
      const frame = () => new Promise(requestAnimationFrame);
      const times = [];
      let last = await frame();
      for (let step = 0; step < 90; step++) {
        const key = step < 20 ? "+" : step < 70 ? (step % 20 < 10 ? "ArrowRight" : "ArrowLeft") : "-";
        plot.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
        const now = await frame();
        times.push(now - last);
        last = now;
      }
      return times.sort((a, b) => a - b);
    });
    found.push(frames[45], frames[85]);
    if (run >= 0) Object.values(times).forEach((values, index) => values.push(found[index]));
  }
  await browser.close();
  console.log(`charts, medians of ${runs} runs, from the answer's last byte to the frame`);
  console.table(Object.entries(times).map(([what, values]) => ({ what, ms: Math.round(median(values) * 10) / 10 })));
  await served.stop();
}
if (wanted("charts")) await charts();

/** A long list: 50,000 members. */
async function members() {
  const long = await startConsole(["--demo-members", "50000"]);
  const times = { "first rows": [], "keystroke to result": [], "jump to the middle": [], "scroll frame, median": [], "scroll frame, 95 %": [] };
  for (let run = -1; run < runs; run++) {
    const browser = await browserType.launch(chromium);
    const page = await (await browser.newContext({ baseURL: long.address, bypassCSP: true, viewport: { width: 1280, height: 900 } })).newPage();
    await page.goto("/");
    await signIn(page, "admin@acme.test");
    await page.getByRole("link", { name: "Manage Organization" }).click();
    const shown = () => document.querySelectorAll(".person-email").length > 5;
    const found = {};
    found["first rows"] = await clicked(page, "nav a[href$='/members']", shown);
    const result = until(page, () => document.querySelectorAll(".person-email").length === 1);
    const typed = await page.evaluate(() => performance.now());
    // One keystroke: the rest of the word is there already.
    await page.locator("input[type=search]").fill("member49999");
    found["keystroke to result"] = (await result) - typed;
    await page.locator("input[type=search]").fill("");
    await until(page, shown);
    const frames = await page.evaluate(scrolled);
    found["scroll frame, median"] = frames[60];
    found["scroll frame, 95 %"] = frames[114];
    const start = await page.evaluate(() => (scrollTo(0, 1_400_000), performance.now()));
    const inSight = () => [...document.querySelectorAll(".person-email")].some((email) => email.getBoundingClientRect().top > 200);
    found["jump to the middle"] = (await until(page, inSight)) - start;
    if (run >= 0) for (const key of Object.keys(times)) times[key].push(found[key]);
    await browser.close();
  }
  console.log(`50,000 members, medians of ${runs} runs (a keystroke waits 180 ms for the next one)`);
  console.table(Object.entries(times).map(([what, values]) => ({ what, ms: Math.round(median(values) * 10) / 10 })));
  await long.stop();
}
if (wanted("members")) await members();
