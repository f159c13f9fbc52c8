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
  #mounted = false;

  async connectedCallback() {
    if (this.#mounted) return;
    this.#mounted = true;
    const root = this.attachShadow({ mode: "open" });
    const [, ...styles] = await ready;
    root.adoptedStyleSheets = styles;
    const place = document.createElement("div");
    place.className = "embedded";
    root.append(place);
    mount_profile_menu(this, place);
  }
}

customElements.define("pulze-profile-menu", PulzeProfileMenu);
