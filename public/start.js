// Starts the app: the page preloads the module, so both files are on their way together.
import init from "./pulze-console.js";

init({ module_or_path: new URL("./pulze-console_bg.wasm", import.meta.url) }).catch((error) => globalThis.pulzePanic(String(error)));
