// A console of one's own: the real server on a new database with demo data, on a free port.
import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";

const here = import.meta.dirname;

/** How every browser of ours is started. */
export const chromium = {
  executablePath: "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
};

/** Hours by which the clock of servers, pages and journeys runs ahead: to see them at the end of a month, or on a Sunday. */
const hoursAhead = Number(process.env.PULZE_CLOCK_AHEAD_HOURS ?? 0);
/** Milliseconds of the same. */
export const ahead = hoursAhead * 3_600_000;
/** What the clock shows. */
export const now = () => Date.now() + ahead;

/** Lets a page believe that it is later. */
export const laterPage = (ahead) => {
  const Clock = Date;
  globalThis.Date = new Proxy(Clock, {
    construct: (_, given) => (given.length ? new Clock(...given) : new Clock(Clock.now() + ahead)),
    get: (_, name) => (name === "now" ? () => Clock.now() + ahead : Clock[name]),
  });
};

/** Starts a server and waits until it listens. */
export async function startConsole(options = [], listen = "127.0.0.1:0") {
  const folder = await mkdtemp(join(tmpdir(), "pulze-journey-"));
  const program = resolve(here, process.env.PULZE_SERVER ?? "../target/debug/pulze-console-server");
  const app = resolve(here, process.env.PULZE_DIST ?? "../dist");
  const database = `sqlite:${join(folder, "console.db")}`;
  let log = "";
  let server;
  const start = async (listen, more) => {
    // What a journey asks for counts from there.
    const clock = more.indexOf("--clock-ahead-hours");
    const hours = hoursAhead + Number(clock < 0 ? 0 : more[clock + 1]);
    const others = more.filter((_, place) => clock < 0 || (place !== clock && place !== clock + 1));
    server = spawn(program, ["serve", "--listen", listen, "--database", database, "--app", app, "--demo", "--clock-ahead-hours", String(hours), ...others]);
    server.stderr.on("data", (data) => (log += data));
    const address = await new Promise((found, failed) => {
      server.on("error", failed);
      server.on("exit", (code) => failed(new Error(`the server ended (${code}): ${log}`)));
      let out = "";
      server.stdout.on("data", (data) => {
        out += data;
        const match = out.match(/listening on (\S+)\n/);
        if (match) found(match[1]);
      });
    });
    server.removeAllListeners("exit");
    return address;
  };
  const kill = async () => {
    const ended = new Promise((done) => server.once("exit", done));
    server.kill("SIGKILL");
    await ended;
  };
  const address = await start(listen, options);
  const stop = async () => {
    await kill();
    await rm(folder, { recursive: true, force: true });
  };
  /** The same server on the same data, with other options. */
  const restart = async (...more) => {
    await kill();
    await start(address.replace("http://", ""), more);
  };
  /** Takes the server away; what it gives back brings it back, on the same data. */
  const pause = async () => {
    await kill();
    return () => start(address.replace("http://", ""), options);
  };
  /** The mails that were sent, newest first: what the operator's command prints. */
  const outbox = async () => (await promisify(execFile)(program, ["outbox", "--database", database, "--limit", "100"])).stdout;
  return { address, stop, restart, pause, outbox, log: () => log };
}

/** The password of every demo account. */
export const password = "pulze-demo-2026";

/** Signs in on the page as it is; the address stays. */
export async function signIn(page, email) {
  await page.getByLabel("Email", { exact: true }).fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("button", { name: "Profile menu" }).waitFor();
}
