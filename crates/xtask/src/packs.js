// Fetches what a part of the app needs and starts it. Made by xtask; see packs.rs for the format.
import { initSync } from "./pulze-console.js";

let imports;
const app = () => {
  if (!imports) {
    const { /* exports */ } = initSync(undefined, undefined);
    imports = { __wasm_split: { /* exports */ } };
  }
  return imports;
};

const OWN = 0xffffffff;
const started = new Map();

// Once for each name; after a failure it is tried anew.
const once = (name, start) => {
  if (!started.has(name)) {
    const done = start();
    started.set(name, done);
    done.catch(() => started.delete(name));
  }
  return started.get(name);
};

const fetched = (name) => once(name, async () => {
  const response = await fetch(new URL(`./${name}.pack`, import.meta.url));
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  const bytes = await response.arrayBuffer();
  const head = new DataView(bytes);
  const count = head.getUint32(0, true);
  let at = 4 + count * 8;
  let own;
  const others = [];
  for (let place = 0; place < count; place += 1) {
    const number = head.getUint32(4 + place * 8, true);
    const length = head.getUint32(8 + place * 8, true);
    const module = new Uint8Array(bytes, at, length);
    at += length;
    if (number === OWN) own = module;
    else others.push(once(number, () => WebAssembly.instantiate(module, app())));
  }
  await Promise.all(others);
  return own;
});

// What parts look like comes with the first of them. On a host's page the elements bring it themselves.
const styled = () => once("styles", () => new Promise((done, failed) => {
  if (!("pulzeConsole" in document.documentElement.dataset)) return done();
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL("./later.css", import.meta.url);
  link.onload = done;
  link.onerror = () => { link.remove(); failed(new Error("styles")); };
  document.head.append(link);
}));

const part = (name) => async (callback, data) => {
  let success = false;
  try {
    const [own] = await Promise.all([fetched(name), fetched("shared"), styled()]);
    await once(`${name} itself`, () => WebAssembly.instantiate(own, app()));
    success = true;
  } catch (error) {
    console.error(error);
  } finally {
    app().__wasm_split.__indirect_function_table.get(callback)(data, success);
  }
};

