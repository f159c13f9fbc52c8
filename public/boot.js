// Draws the panic screen: the wasm module cannot, once it has panicked.
// Text only through textContent; the words were left on <html> by the app in the reader's language.
const words = document.documentElement.dataset;
let shown = false;

function element(name, className, text) {
  const made = document.createElement(name);
  made.className = className;
  made.textContent = text;
  return made;
}

globalThis.pulzePanic = (message) => {
  console.error(message);
  if (shown) return;
  shown = true;
  const main = element("main", "page alone panic", "");
  main.id = "content";
  const title = element("h1", "", words.panicTitle ?? "The console stopped");
  title.tabIndex = -1;
  const reload = element("button", "button", words.panicReload ?? "Reload");
  reload.type = "button";
  reload.dataset.kind = "primary";
  reload.addEventListener("click", () => location.reload());
  main.append(title, element("p", "page-purpose", words.panicText ?? "Reload to go on."), reload);
  document.body.replaceChildren(main);
  title.focus();
};
