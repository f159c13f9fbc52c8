// Translators and extensions put elements of theirs in the place of a text. The app goes on with the text that it made:
// as soon as it touches that, the text takes its place again, and they translate it anew.
const touches = ["data", "nodeValue", "textContent", "parentNode", "nextSibling", "previousSibling", "remove", "before", "after", "replaceWith"];

function stand(text, inPlace) {
  const comeBack = () => {
    for (const name of touches) delete text[name];
    if (inPlace.isConnected) inPlace.replaceWith(text);
  };
  for (const name of touches) {
    Object.defineProperty(text, name, {
      configurable: true,
      get() {
        comeBack();
        const value = text[name];
        return typeof value === "function" ? value.bind(text) : value;
      },
      set(value) {
        comeBack();
        text[name] = value;
      },
    });
  }
}

new MutationObserver((records) => {
  for (const { removedNodes, previousSibling, nextSibling, addedNodes } of records) {
    for (const text of removedNodes) {
      if (text.nodeType !== Node.TEXT_NODE || text.isConnected) continue;
      const inPlace = [...addedNodes, previousSibling, nextSibling].find((node) => node?.nodeName === "FONT" && node.isConnected);
      if (inPlace) stand(text, inPlace);
    }
  }
}).observe(document, { childList: true, subtree: true });

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
