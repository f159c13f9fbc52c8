// The custom elements for a host's page:
//   <script type="module" src="…/elements.js"></script>
//   <pulze-profile-menu organization="org_…" console-url="…"></pulze-profile-menu>
// Event: `pulze-organization-changed`, with { id, name } in its detail.
import init, { mount_profile_menu } from "./pulze-console.js";

const here = (file) => new URL(file, import.meta.url);
const ready = Promise.all([
  init({ module_or_path: here("./pulze-console_bg.wasm") }),
  ...["./app.css", "./later.css"].map((file) => fetch(here(file)).then((answer) => answer.text()).then((text) => new CSSStyleSheet().replace(text))),
]);

class PulzeProfileMenu extends HTMLElement {
  static observedAttributes = ["organization", "console-url"];
  #menu;
  #place;

  async connectedCallback() {
    const [, ...styles] = await ready;
    // It may be gone again, or there already: a host that moves it takes it out and puts it in.
    if (!this.isConnected || this.#menu) return;
    const root = this.shadowRoot ?? this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = styles;
    this.#place = document.createElement("div");
    this.#place.className = "embedded";
    root.append(this.#place);
    this.#menu = mount_profile_menu(this, this.#place);
  }

  disconnectedCallback() {
    queueMicrotask(() => {
      if (this.isConnected || !this.#menu) return;
      this.#menu.free();
      this.#menu = undefined;
      this.#place.remove();
    });
  }

  attributeChangedCallback(name, before, now) {
    if (before !== now) this.#menu?.attribute_changed(name, now ?? undefined);
  }
}

// The script may be there twice, under two addresses: the first one has defined it.
if (!customElements.get("pulze-profile-menu")) customElements.define("pulze-profile-menu", PulzeProfileMenu);
