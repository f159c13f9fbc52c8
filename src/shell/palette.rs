//! The command palette: organizations, pages and what can be done, found by typing. What it offers is read off the
//! pages' own declarations, as far as this person may see and do it here.

use crate::client;
use crate::i18n::{Key, label, text};
use crate::lazy_part;
use crate::paths;
use crate::session::{Session, show_theme};
use crate::shell::manage::ManagePages;
use crate::shell::preferences;
use crate::t;
use crate::ui::browser;
use crate::ui::dialog::Dialog;
use crate::ui::field::unique_id;
use crate::ui::icon::Icon;
use crate::ui::lazy::{Lazy, Load, preload};
use crate::ui::toast::{Toast, Toasts};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos_router::hooks::use_navigate;
use pulze_contract::Permission;
use pulze_contract::account::Theme;
use std::sync::Arc;
use wasm_bindgen::JsCast;

/// To be fetched when somebody is about to open it.
const LIST: Load<RwSignal<bool>> = || Box::pin(palette());

lazy_part!(palette, |open: RwSignal<bool>| view! { <List open/> }.into_any());

/// Whether the palette is open: the header's button and the keys say so.
#[derive(Clone, Copy)]
pub struct PaletteOpen(pub RwSignal<bool>);

#[component]
pub fn Palette() -> impl IntoView {
    let PaletteOpen(open) = expect_context();
    let apple = browser::is_apple();
    // Ctrl K on a Mac deletes to the end of the line, ⌘ K elsewhere is the window manager's: each has its own.
    let keys = window_event_listener(leptos::ev::keydown, move |event| {
        let modified = if apple { event.meta_key() && !event.ctrl_key() } else { event.ctrl_key() && !event.meta_key() };
        if modified
            && !event.shift_key()
            && !event.alt_key()
            && event.key().eq_ignore_ascii_case("k")
            && !browser::dialog_is_open()
        {
            event.prevent_default();
            open.set(true);
        }
    });
    on_cleanup(move || keys.remove());
    view! {
        <Dialog open title=Signal::derive(t!(PaletteTitle))>
            <Lazy load=LIST given=open lines=5/>
        </Dialog>
    }
}

/// The header's way to it, for whoever does not know the keys.
#[component]
pub fn PaletteButton() -> impl IntoView {
    let PaletteOpen(open) = expect_context();
    let keys = if browser::is_apple() { "⌘ K" } else { "Ctrl K" };
    view! {
        <button
            class="palette-button"
            type="button"
            aria-haspopup="dialog"
            aria-keyshortcuts=if browser::is_apple() { "Meta+K" } else { "Control+K" }
            on:pointerenter=move |_| preload(LIST)
            on:focus=move |_| preload(LIST)
            on:click=move |_| open.set(true)
        >
            <Icon name="search"/>
            <span>{t!(PaletteFind)}</span>
            <kbd>{keys}</kbd>
        </button>
    }
}

#[derive(Clone)]
enum Act {
    Go(String),
    Theme(Theme),
    SignOut,
}

#[derive(Clone)]
struct Entry {
    group: Key,
    title: String,
    /// Beside the title: where it leads.
    detail: String,
    /// What else it is found by, in lower case, the title included.
    words: String,
    icon: &'static str,
    act: Act,
}

fn entry(group: Key, icon: &'static str, title: String, words: &str, act: Act) -> Entry {
    let found_by = browser::lower_case(&format!("{title} {words}"));
    Entry { group, title, detail: String::new(), words: found_by, icon, act }
}

/// Everything that this person may go to and do, in order.
fn all(session: Session, pages: ManagePages) -> Vec<Entry> {
    let Some(viewer) = session.viewer().get() else { return Vec::new() };
    let mut entries = Vec::new();
    let here = session.organization().get();
    if let Some(here) = &here {
        let may = |permission: Permission| here.permissions.contains(&permission);
        let page = |icon, title: Key, words: Key, path: String| Entry {
            detail: here.name.clone(),
            ..entry(Key::PalettePages, icon, text(title), &text(words), Act::Go(path))
        };
        entries.push(page("building", Key::Overview, Key::WordsOverview, paths::overview(&here.id)));
        let open = || pages.0.iter().filter(|declared| declared.opens_to("", &here.permissions));
        for declared in open() {
            entries.push(page(declared.icon, declared.title, declared.words, paths::manage(&here.id, declared.slug)));
        }
        if may(Permission::UsageReadOwn) {
            entries.push(page("usage", Key::MyUsage, Key::WordsUsage, paths::my_usage(&here.id)));
        }
        for action in open().flat_map(|declared| declared.actions) {
            if may(action.permission) {
                let act = Act::Go((action.path)(&here.id));
                entries.push(entry(Key::PaletteActions, "plus", text(action.title), "", act));
            }
        }
    }
    let account = Act::Go(paths::ACCOUNT.to_owned());
    entries.push(entry(Key::PalettePages, "account", text(Key::Account), &text(Key::WordsAccount), account));
    if viewer.administers_installation {
        entries.push(entry(Key::PalettePages, "mail", text(Key::Outbox), "", Act::Go(paths::OUTBOX.to_owned())));
    }
    for organization in viewer.organizations.iter().filter(|one| Some(&one.id) != here.as_ref().map(|here| &here.id)) {
        let act = Act::Go(paths::overview(&organization.id));
        entries.push(entry(Key::PaletteOrganizations, "building", organization.name.clone(), &text(Key::WordsSwitch), act));
    }
    for (theme, title) in
        [(Theme::Light, Key::PaletteLight), (Theme::Dark, Key::PaletteDark), (Theme::System, Key::PaletteSystem)]
    {
        entries.push(entry(Key::PaletteActions, "settings", text(title), &text(Key::Theme), Act::Theme(theme)));
    }
    entries.push(entry(Key::PaletteActions, "sign-out", text(Key::SignOut), "", Act::SignOut));
    // Of one kind together, in the order of the kinds.
    let groups = [Key::PalettePages, Key::PaletteActions, Key::PaletteOrganizations];
    entries.sort_by_key(|entry| groups.iter().position(|group| *group == entry.group));
    entries
}

/// Those that hold every typed word; what begins with it first within its kind.
fn found(entries: &[Entry], typed: &str) -> Vec<Entry> {
    let typed = browser::lower_case(typed.trim());
    let words: Vec<&str> = typed.split_whitespace().collect();
    let mut found: Vec<Entry> =
        entries.iter().filter(|entry| words.iter().all(|word| entry.words.contains(word))).cloned().collect();
    if !typed.is_empty() {
        found.sort_by_key(|entry| !entry.words.starts_with(&typed));
    }
    found
}

#[component]
fn List(open: RwSignal<bool>) -> impl IntoView {
    let session = Session::expect();
    let pages: ManagePages = expect_context();
    let typed = RwSignal::new(String::new());
    let entries = Memo::new_with_compare(move |_| Arc::new(all(session, pages)), |_, _| true);
    let shown = Signal::derive(move || found(&entries.get(), &typed.read()));
    let at = RwSignal::new(0_usize);
    let navigate = use_navigate();
    let toasts = Toasts::expect();
    let run = move |entry: Entry| {
        open.set(false);
        match entry.act {
            Act::Go(path) => navigate(&path, Default::default()),
            Act::Theme(theme) => {
                show_theme(theme);
                preferences::keep(session, move |preferences| preferences.theme = theme);
            }
            Act::SignOut => spawn_local(async move {
                match client::session_delete().await {
                    Ok(signed_out) => {
                        session.set_viewer(None);
                        if let Some(address) = signed_out.provider_address {
                            browser::go_to(&address);
                        }
                    }
                    Err(error) if error.is_signed_out() => session.set_viewer(None),
                    Err(error) => toasts.show(Toast::bad(error.sentence())),
                }
            }),
        }
    };
    let list = unique_id("palette");
    let option = {
        let list = list.clone();
        move |place: usize| format!("{list}-{place}")
    };
    let keys = {
        let run = run.clone();
        move |event: leptos::ev::KeyboardEvent| {
            let shown = shown.get_untracked();
            let last = shown.len().saturating_sub(1);
            let place = at.get_untracked().min(last);
            let next = match event.key().as_str() {
                "ArrowDown" => {
                    if place == last {
                        0
                    } else {
                        place + 1
                    }
                }
                "ArrowUp" => place.checked_sub(1).unwrap_or(last),
                "PageDown" => (place + 8).min(last),
                "PageUp" => place.saturating_sub(8),
                "Enter" => {
                    event.prevent_default();
                    if let Some(entry) = shown.get(place) {
                        run(entry.clone());
                    }
                    return;
                }
                _ => return,
            };
            event.prevent_default();
            at.set(next);
        }
    };
    // What the keys went to is in sight.
    let in_sight = option.clone();
    Effect::new(move || {
        let id = in_sight(at.get());
        browser::after_render(move || browser::scroll_into_view(&id));
    });
    let input = NodeRef::<leptos::html::Input>::new();
    Effect::new(move || {
        if let Some(input) = input.get() {
            browser::after_render(move || browser::focus(input.unchecked_ref()));
        }
    });
    let active = option.clone();
    let active_id = move || (!shown.read().is_empty()).then(|| active(at.get().min(shown.read().len().saturating_sub(1))));
    let count = move || {
        let count = shown.read().len();
        if count == 0 {
            text(Key::PaletteNone)
        } else {
            crate::i18n::plural(Key::PaletteCount, u32::try_from(count).unwrap_or(0))
        }
    };
    let rows = move || {
        let mut group = None;
        let rows = shown.get().into_iter().enumerate().map(|(place, entry)| {
            let heads = group != Some(entry.group);
            group = Some(entry.group);
            let (run, chosen) = (run.clone(), entry.clone());
            let title = entry.group;
            view! {
                {heads.then(|| view! { <li class="palette-group" role="presentation">{label(title)}</li> })}
                <li
                    class="palette-entry"
                    id=option(place)
                    role="option"
                    aria-selected=move || (at.get().min(shown.read().len().saturating_sub(1)) == place).to_string()
                    on:pointermove=move |_| at.maybe_update(|at| std::mem::replace(at, place) != place)
                    on:click=move |_| run(chosen.clone())
                >
                    <Icon name=entry.icon/>
                    <bdi translate="no">{entry.title}</bdi>
                    <span class="palette-detail"><bdi translate="no">{entry.detail}</bdi></span>
                </li>
            }
        });
        rows.collect_view()
    };
    let controls = list.clone();
    view! {
        <div class="palette">
            <input
                class="input"
                node_ref=input
                type="text"
                role="combobox"
                autocomplete="off"
                spellcheck="false"
                aria-expanded="true"
                aria-autocomplete="list"
                aria-controls=controls
                aria-activedescendant=active_id
                aria-label=t!(PaletteTitle)
                placeholder=t!(PalettePlaceholder)
                bind:value=typed
                on:input=move |_| at.set(0)
                on:keydown=keys
            />
            <ul class="palette-list" id=list role="listbox" aria-label=t!(PaletteTitle)>{rows}</ul>
            <p class="palette-count" role="status">{count}</p>
        </div>
    }
}
