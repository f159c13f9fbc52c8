// What the server manages, and what a neighbour notices of somebody who brings much in: on SQLite, and on PostgreSQL
// where PULZE_BENCH_POSTGRES names an empty database. Ratios of one run carry over to other machines.
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent, request } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Worker, isMainThread, workerData } from "node:worker_threads";
import { password } from "./console.mjs";

const seconds = Number(process.env.PULZE_BENCH_SECONDS ?? 8);
const wanted = (part) => !process.env.PULZE_BENCH_ONLY || process.env.PULZE_BENCH_ONLY === part;
const key = () => crypto.randomUUID();

/** Somebody with connections of their own. */
class Caller {
  constructor(address, cookie, connections) {
    Object.assign(this, { address, cookie, agent: new Agent({ keepAlive: true, maxSockets: connections }) });
  }
  ask(method, path, body, headers = {}) {
    return new Promise((done, failed) => {
      const text = body && (typeof body === "string" ? body : JSON.stringify(body));
      const sent = { ...(this.cookie && { cookie: this.cookie }), ...(text && { "content-type": "application/json", "content-length": Buffer.byteLength(text) }), ...headers };
      const asked = request(`${this.address}/api/v1${path}`, { method, agent: this.agent, headers: sent }, (answer) => {
        const parts = [];
        answer.on("data", (data) => parts.push(data));
        answer.on("end", () => done({ status: answer.statusCode, headers: answer.headers, text: Buffer.concat(parts).toString() }));
      });
      asked.on("error", failed);
      asked.end(text);
    });
  }
  async signIn(email) {
    const { status, headers, text } = await this.ask("POST", "/session", { email, password });
    if (status !== 200) throw new Error(text);
    this.cookie = headers["set-cookie"][0].split(";")[0];
    return JSON.parse(text).viewer;
  }
}

/** Asks as often as it goes, so many at the same time: sorted times in milliseconds. */
async function measure(callers, ask, during = seconds) {
  const took = [];
  const until = performance.now() + during * 1000;
  const loop = async () => {
    while (performance.now() < until) {
      const began = performance.now();
      const { status, text } = await ask();
      if (status >= 300) throw new Error(`${status} ${text}`);
      took.push(performance.now() - began);
    }
  };
  await Promise.all(Array.from({ length: callers }, loop));
  return took.sort((a, b) => a - b);
}
const at = (took, part) => took[Math.min(took.length - 1, Math.floor(took.length * part))];
const figures = (took, during = seconds) => ({ "requests a second": Math.round(took.length / during), "median (ms)": at(took, 0.5).toFixed(1), "p99 (ms)": at(took, 0.99).toFixed(1) });

/** One organization's import of 5,000 calls after the other, until it is told to stop. */
async function importing({ address, cookie, organization, counts }) {
  const caller = new Caller(address, cookie, 1);
  const count = new Int32Array(counts);
  const since = Date.now();
  for (let batch = 0; !Atomics.load(count, 3); batch++) {
    const events = Array.from({ length: 5000 }, (_, place) => ({ id: `${since}-${batch}-${place}`, at: since - (place % 5000) * 60_000, model: ["openai/gpt-4o", "anthropic/claude-sonnet-4-5"][place % 2], prompt_tokens: place, completion_tokens: 10, latency: place, status: 200 }));
    const body = JSON.stringify({ events });
    for (;;) {
      const { status, headers } = await caller.ask("POST", `/organizations/${organization}/usage/events`, body);
      Atomics.add(count, status === 200 ? 0 : status === 429 || status === 503 ? 1 : 2, 1);
      if (status === 200 || Atomics.load(count, 3)) break;
      await new Promise((done) => setTimeout(done, Number(headers["retry-after"] ?? 1) * 1000));
    }
  }
  caller.agent.destroy();
}

async function start(database) {
  const program = resolve(import.meta.dirname, process.env.PULZE_SERVER ?? "../target/release/pulze-console-server");
  const server = spawn(program, ["serve", "--listen", "127.0.0.1:0", "--database", database, "--demo", "--open-organizations"], { env: { ...process.env, PULZE_SECRET_KEY: "5".repeat(64) }, stdio: ["ignore", "pipe", "inherit"] });
  const address = await new Promise((found, failed) => {
    server.on("exit", (code) => failed(new Error(`the server ended (${code})`)));
    server.stdout.on("data", (data) => found(String(data).match(/listening on (\S+)/)[1]));
  });
  server.removeAllListeners("exit");
  return { address, stop: () => new Promise((done) => (server.once("exit", done), server.kill("SIGTERM"))) };
}

async function load(name, address) {
  const admin = new Caller(address, null, 64);
  const { organizations } = await admin.signIn("admin@acme.test");
  const acme = `/organizations/${organizations.find(({ name }) => name.startsWith("Acme")).id}`;
  const rows = [];
  const row = async (what, callers, ask) => {
    await measure(callers, ask, 1);
    rows.push({ what, callers, ...figures(await measure(callers, ask)) });
  };
  await row("list of members", 64, () => admin.ask("GET", `${acme}/members`));
  await row("usage of 30 days", 64, () => admin.ask("GET", `${acme}/usage?range=30d&group=model`));
  const space = () => admin.ask("POST", `${acme}/spaces`, { name: `Space ${key()}`, description: "", visibility: "organization" }, { "idempotency-key": key() });
  await row("new spaces", 16, space);
  console.log(`${name}, ${seconds} s each`);
  console.table(rows);
  admin.agent.destroy();
}

async function neighbours(name, address) {
  const admin = new Caller(address, null, 16);
  await admin.signIn("admin@acme.test");
  const ids = [];
  for (let number = 0; number < 17; number++) {
    const { status, text } = await admin.ask("POST", "/organizations", { name: `Tenant ${number}` }, { "idempotency-key": key() });
    if (status !== 201) throw new Error(`${status} ${text}`);
    ids.push(JSON.parse(text).id);
  }
  const own = `/organizations/${ids.pop()}`;
  const reading = () => admin.ask("GET", `${own}/members`);
  const changing = () => admin.ask("POST", `${own}/spaces`, { name: `Space ${key()}`, description: "", visibility: "organization" }, { "idempotency-key": key() });
  // Whoever works leaves some time between two clicks.
  const paced = (ask) => async () => {
    const answer = ask();
    const [answered] = await Promise.all([answer, new Promise((done) => setTimeout(done, 5))]);
    return answered;
  };
  const timed = async (ask) => {
    const took = [];
    await measure(2, async () => {
      const began = performance.now();
      const answer = await ask();
      took.push(performance.now() - began);
      await new Promise((done) => setTimeout(done, 5));
      return answer;
    });
    return took.sort((a, b) => a - b);
  };
  await measure(2, paced(reading), 1);
  const alone = [await timed(reading), await timed(changing)];
  const counts = new SharedArrayBuffer(16);
  const count = new Int32Array(counts);
  const workers = ids.map((organization) => new Worker(new URL(import.meta.url), { workerData: { address, cookie: admin.cookie, organization, counts } }));
  await new Promise((done) => setTimeout(done, 2000));
  const before = count[0];
  const beside = [await timed(reading), await timed(changing)];
  const taken = ((count[0] - before) * 5000) / (2 * seconds);
  Atomics.store(count, 3, 1);
  await Promise.all(workers.map((worker) => new Promise((done) => worker.once("exit", done))));
  console.log(`${name}: a neighbour of 16 that import 5,000 calls at a time; ${Math.round(taken)} calls a second, ${count[0]} imports taken, ${count[1]} told to come again, ${count[2]} failed`);
  console.table(["reads", "changes"].map((what, place) => ({
    what,
    "median alone (ms)": at(alone[place], 0.5).toFixed(1), "median beside": at(beside[place], 0.5).toFixed(1),
    "p99 alone (ms)": at(alone[place], 0.99).toFixed(1), "p99 beside": at(beside[place], 0.99).toFixed(1),
    "p99 ratio": (at(beside[place], 0.99) / at(alone[place], 0.99)).toFixed(2),
  })));
  if (count[2]) throw new Error("imports failed");
  admin.agent.destroy();
}

if (isMainThread) {
  const folder = await mkdtemp(join(tmpdir(), "pulze-load-"));
  const databases = { SQLite: `sqlite:${join(folder, "load.db")}` };
  if (process.env.PULZE_BENCH_POSTGRES) databases.PostgreSQL = process.env.PULZE_BENCH_POSTGRES;
  try {
    for (const [name, database] of Object.entries(databases)) {
      const { address, stop } = await start(database);
      if (wanted("load")) await load(name, address);
      if (wanted("neighbours")) await neighbours(name, address);
      await stop();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
} else {
  await importing(workerData);
}
