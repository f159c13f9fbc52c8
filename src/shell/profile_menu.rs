//! The profile menu: who I am, my organizations, Manage Organization, New Organization, language,
//! theme, sign out. The same component serves the header and the custom element.

use crate::client;
use crate::i18n::{Key, label, number, plural, text, text_with, words};
use crate::paths;
use crate::session::Session;
use crate::shell::create_organization::{self, CreateOrganization};
use crate::shell::preferences::{PREFERENCES, Preferences};
use crate::shell::received_invitation::{self, ReceivedInvitationDialog};
use crate::shell::role::role_key;
use crate::ui::browser;
use crate::ui::icon::Icon;
use crate::ui::lazy::preload;
use crate::ui::logo::Logo;
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use leptos::{ev, html};
use pulze_contract::Permission;
use pulze_contract::invitation::ReceivedInvitation;
use pulze_contract::organization::OrganizationSummary;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// More organizations than this get a search field.
const SEARCH_FROM: usize = 8;
const ITEMS: &str = "[role=menuitem], [role=menuitemradio]";

#[component]
pub fn ProfileMenu(
    /// Another organization was chosen, or a new one created.
    #[prop(into)]
    on_organization: Callback<OrganizationSummary>,
    #[prop(into)] on_signed_out: Callback<()>,
    /// Where the console lives, before its paths; empty within the console.
    #[prop(optional, into)]
    console_url: String,
) -> impl IntoView {
    let session = Session::expect();
    let toasts = Toasts::expect();
    let viewer = session.viewer();
    let panel = NodeRef::<html::Div>::new();
    let menu = NodeRef::<html::Div>::new();
    let open = RwSignal::new(false);
    let creating = RwSignal::new(false);
    let query = RwSignal::new(String::new());
    let console_url = StoredValue::new(console_url);

    let name = move || viewer.get().map(|viewer| viewer.name).unwrap_or_default();
    // The same colour as in every list of members.
    let id = move || viewer.get().map(|viewer| viewer.user_id.to_string()).unwrap_or_default();
    let avatar = move || viewer.get().and_then(|viewer| viewer.avatar_url);
    let email = move || viewer.get().map(|viewer| viewer.email).unwrap_or_default();
    let count = Memo::new(move |_| viewer.read().as_ref().map_or(0, |viewer| viewer.organizations.len()));
    let searchable = Memo::new(move |_| count.get() >= SEARCH_FROM);
    let organizations = Memo::new(move |_| {
        let wanted = browser::lower_case(query.read().trim());
        let all = viewer.get().map(|viewer| viewer.organizations).unwrap_or_default();
        all.into_iter().filter(|organization| browser::lower_case(&organization.name).contains(&wanted)).collect::<Vec<_>>()
    });
    let manages = session.can(Permission::OrganizationManage);
    let may_create = Memo::new(move |_| viewer.read().as_ref().is_some_and(|viewer| viewer.may_create_organization));
    let manage_href = move || {
        let id = session.organization_id().get();
        id.map(|id| format!("{}{}", console_url.get_value(), paths::general(&id)))
    };
    let uses = session.can(Permission::UsageReadOwn);
    let usage_href = move || {
        let id = session.organization_id().get();
        id.map(|id| format!("{}{}", console_url.get_value(), paths::my_usage(&id)))
    };

    let invitations = move || viewer.get().map(|viewer| viewer.invitations).unwrap_or_default();
    let waiting = Memo::new(move |_| {
        viewer.read().as_ref().map_or(0, |viewer| u32::try_from(viewer.invitations.len()).unwrap_or(u32::MAX))
    });
    let deciding = RwSignal::new(None::<ReceivedInvitation>);
    let administers = Memo::new(move |_| viewer.read().as_ref().is_some_and(|viewer| viewer.administers_installation));
    let unverified = Memo::new(move |_| viewer.read().as_ref().is_some_and(|viewer| !viewer.email_verified));
    let account_href = move || format!("{}{}", console_url.get_value(), paths::ACCOUNT);
    let outbox_href = move || format!("{}{}", console_url.get_value(), paths::OUTBOX);

    let close = move || {
        if let Some(panel) = panel.get_untracked() {
            let _ = panel.hide_popover();
        }
    };
    let sign_out = Action::new_local(|(): &()| client::session_delete());
    Effect::watch(
        move || sign_out.value().get(),
        move |result, _, _| match result {
            Some(Ok(signed_out)) => {
                on_signed_out.try_run(());
                session.set_viewer(None);
                // The session at the provider would sign in again with a click.
                if let Some(address) = &signed_out.provider_address {
                    browser::go_to(address);
                }
            }
            Some(Err(error)) if error.is_signed_out() => session.set_viewer(None),
            Some(Err(error)) => toasts.show(Toast::bad(error.sentence())),
            None => {}
        },
        false,
    );
    // The content is made when the menu opens: before that moment's first frame, and gone afterwards.
    let filled = RwSignal::new(false);
    let about_to_toggle = move |event: ev::Event| {
        let event: web_sys::ToggleEvent = event.unchecked_into();
        if event.new_state() == "open" {
            filled.set(true);
        }
    };
    let toggled = move |event: ev::Event| {
        let event: web_sys::ToggleEvent = event.unchecked_into();
        let opened = event.new_state() == "open";
        open.set(opened);
        if opened {
            // An update may have come while the menu was closed: it is asked for, and shown when it is there.
            session.refresh();
            focus_first(panel);
        } else {
            query.set(String::new());
            filled.set(false);
        }
    };
    // Tab leads out of it; to the browser's own bars it may go and come back.
    let focus_left = move |event: ev::FocusEvent| {
        let to = event.related_target().and_then(|to| to.dyn_into::<web_sys::Node>().ok());
        let stays = |to: &web_sys::Node| panel.get_untracked().is_some_and(|panel| panel.contains(Some(to)));
        if to.is_some_and(|to| !stays(&to)) {
            browser::after_render(close);
        }
    };
    view! {
        <div class="profile">
            <button
                class="profile-button"
                type="button"
                popovertarget="profile-menu"
                aria-haspopup="menu"
                aria-expanded=move || open.get().to_string()
                on:pointerenter=move |_| preload(PREFERENCES)
                on:focus=move |_| preload(PREFERENCES)
                aria-label=move || match waiting.get() {
                    0 => t!(ProfileMenu)(),
                    count => plural(Key::MenuWithInvitations, count),
                }
            >
                <Logo name=Signal::derive(name) url=Signal::derive(avatar) identifier=Signal::derive(id)/>
                <span class="profile-badge" aria-hidden="true" hidden=move || waiting.get() == 0>
                    {words(move || number(f64::from(waiting.get())))}
                </span>
            </button>
            <div
                class="profile-panel"
                id="profile-menu"
                popover="auto"
                node_ref=panel
                on:focusout=focus_left
                on:beforetoggle=about_to_toggle
                on:toggle=toggled
                on:keydown=move |event| move_focus(&event, menu, searchable.get_untracked())
            >
                <Show when=move || filled.get()>
                    <div class="profile-person">
                        <strong>{name}</strong>
                        <span>{email}</span>
                    </div>
                    <Show when=move || searchable.get()>
                        <div class="profile-search">
                            <input
                                class="input"
                                type="search"
                                autocomplete="off"
                                aria-label=t!(FindOrganization)
                                placeholder=t!(FindOrganization)
                                bind:value=query
                            />
                        </div>
                    </Show>
                    <div class="profile-items" role="menu" aria-label=t!(ProfileMenu) node_ref=menu>
                        <Show when=move || { waiting.get() > 0 }>
                            <div class="profile-invitations" role="group" aria-label=t!(Invitations)>
                                <For each=move || invitations() key=|invitation| invitation.id.clone() let:invitation>
                                    <InvitationItem invitation on_choose=move |chosen| {
                                        close();
                                        deciding.set(Some(chosen));
                                    }/>
                                </For>
                            </div>
                        </Show>
                        <div class="profile-organizations" role="group" aria-label=t!(Organizations)>
                            <For each=move || organizations.get() key=Clone::clone let:organization>
                                <OrganizationItem organization console_url=console_url.get_value() on_choose=move |chosen| {
                                    close();
                                    on_organization.try_run(chosen);
                                }/>
                            </For>
                        </div>
                        <Show when=move || organizations.read().is_empty() && !query.read().is_empty()>
                            <p class="profile-none" role="status">{t!(NoOrganizationFound)}</p>
                        </Show>
                        <div class="profile-actions" role="group" aria-label=move || organization_name(session)>
                            <Show when=move || manages.get()>
                                <a class="menu-item" role="menuitem" tabindex="-1" href=manage_href on:click=move |_| close()>
                                    <Icon name="settings"/>
                                    <span>{t!(ManageOrganization)}</span>
                                </a>
                            </Show>
                            <Show when=move || may_create.get()>
                                <button
                                    class="menu-item"
                                    type="button"
                                    role="menuitem"
                                    tabindex="-1"
                                    on:pointerenter=move |_| preload(create_organization::FORM)
                                    on:focus=move |_| preload(create_organization::FORM)
                                    on:click=move |_| {
                                        close();
                                        creating.set(true);
                                    }
                                >
                                    <Icon name="plus"/>
                                    <span>{t!(NewOrganization)}</span>
                                </button>
                            </Show>
                            <Show when=move || uses.get()>
                                <a class="menu-item" role="menuitem" tabindex="-1" href=usage_href on:click=move |_| close()>
                                    <Icon name="usage"/>
                                    <span>{t!(MyUsage)}</span>
                                </a>
                            </Show>
                            <a class="menu-item" role="menuitem" tabindex="-1" href=account_href on:click=move |_| close()>
                                <Icon name="account"/>
                                <span>{t!(Account)}</span>
                                <span class="menu-item-detail" hidden=move || !unverified.get()>{t!(EmailNotVerified)}</span>
                            </a>
                            <Show when=move || administers.get()>
                                <a class="menu-item" role="menuitem" tabindex="-1" href=outbox_href on:click=move |_| close()>
                                    <Icon name="mail"/>
                                    <span>{t!(Outbox)}</span>
                                </a>
                            </Show>
                            <button class="menu-item" type="button" role="menuitem" tabindex="-1" on:click=move |_| {
                                close();
                                sign_out.dispatch(());
                            }>
                                <Icon name="sign-out"/>
                                <span>{t!(SignOut)}</span>
                            </button>
                        </div>
                    </div>
                    <Preferences/>
                </Show>
            </div>
            <CreateOrganization open=creating on_created=on_organization/>
            <ReceivedInvitationDialog invitation=deciding on_joined=on_organization/>
        </div>
    }
}

fn organization_name(session: Session) -> String {
    session.organization().get().map(|organization| organization.name).unwrap_or_default()
}

/// An invitation that waits, above the organizations.
#[component]
fn InvitationItem(invitation: ReceivedInvitation, #[prop(into)] on_choose: Callback<ReceivedInvitation>) -> impl IntoView {
    let (name, identifier, role) =
        (invitation.organization_name.clone(), invitation.organization_id.to_string(), invitation.role);
    let invitation = StoredValue::new(invitation);
    view! {
        <button
            class="menu-item"
            type="button"
            role="menuitem"
            tabindex="-1"
            on:pointerenter=move |_| preload(received_invitation::DECISION)
            on:focus=move |_| preload(received_invitation::DECISION)
            on:click=move |_| { on_choose.try_run(invitation.get_value()); }
        >
            <Logo name=name.clone() identifier/>
            <span class="menu-item-name"><bdi translate="no">{name}</bdi></span>
            <span class="menu-item-detail">{words(move || text_with(Key::InvitedAs, args!(role = text(role_key(role)))))}</span>
        </button>
    }
}

/// One organization of the switcher: a link, so that it can be opened in a tab of its own.
#[component]
fn OrganizationItem(
    organization: OrganizationSummary,
    console_url: String,
    #[prop(into)] on_choose: Callback<OrganizationSummary>,
) -> impl IntoView {
    let session = Session::expect();
    let id = organization.id.clone();
    let current = Memo::new(move |_| session.organization_id().read().as_ref() == Some(&id));
    let (name, logo, identifier, role) =
        (organization.name.clone(), organization.logo_url.clone(), organization.id.to_string(), organization.role);
    view! {
        <a
            class="menu-item"
            role="menuitemradio"
            tabindex="-1"
            aria-checked=move || current.get().to_string()
            href=format!("{console_url}{}", paths::overview(&organization.id))
            on:click=move |event| {
                if !(event.ctrl_key() || event.meta_key() || event.shift_key()) {
                    event.prevent_default();
                    on_choose.try_run(organization.clone());
                }
            }
        >
            <Logo name=name.clone() url=logo identifier=identifier/>
            <span class="menu-item-name">{name.clone()}</span>
            <span class="menu-item-detail">{label(role_key(role))}</span>
            <Icon name="check"/>
        </a>
    }
}

/// The items of the menu, in order.
fn items(menu: NodeRef<html::Div>) -> Vec<HtmlElement> {
    let Some(menu) = menu.get_untracked() else { return Vec::new() };
    let Ok(found) = menu.query_selector_all(ITEMS) else { return Vec::new() };
    (0..found.length()).filter_map(|index| found.get(index)?.dyn_into().ok()).collect()
}

/// Where the focus goes when the menu opens: the search, the current organization, or the first item.
fn focus_first(panel: NodeRef<html::Div>) {
    let Some(panel) = panel.get_untracked() else { return };
    let target = ["input[type=search]", "[aria-checked=true]", ITEMS]
        .into_iter()
        .find_map(|selector| panel.query_selector(selector).ok().flatten());
    if let Some(target) = target.and_then(|target| target.dyn_into::<HtmlElement>().ok()) {
        browser::focus(&target);
    }
}

/// Arrow keys, Home, End and type-ahead, as the ARIA Authoring Practices describe a menu.
fn move_focus(event: &ev::KeyboardEvent, menu: NodeRef<html::Div>, searchable: bool) {
    let target = event.target().and_then(|target| target.dyn_into::<HtmlElement>().ok());
    let Some(target) = target else { return };
    let items = items(menu);
    let at = items.iter().position(|item| *item == target);
    if target.tag_name() == "SELECT" || items.is_empty() {
        return;
    }
    let last = items.len() - 1;
    let key = event.key();
    let next = match (key.as_str(), at) {
        ("ArrowDown", None) => Some(0),
        ("ArrowDown", Some(at)) => Some(if at == last { 0 } else { at + 1 }),
        ("ArrowUp", Some(0) | None) => Some(last),
        ("ArrowUp", Some(at)) => Some(at - 1),
        ("Home", Some(_)) => Some(0),
        ("End", Some(_)) => Some(last),
        (" ", Some(at)) => {
            event.prevent_default();
            items[at].click();
            None
        }
        // Enter in the search takes the first organization that is left.
        ("Enter", None) => {
            items[0].click();
            None
        }
        (letter, Some(at)) if letter.chars().count() == 1 && !searchable && !event.ctrl_key() && !event.meta_key() => {
            let letter = browser::lower_case(letter);
            let starts =
                |item: &HtmlElement| browser::lower_case(item.text_content().unwrap_or_default().trim()).starts_with(&letter);
            (1..=items.len()).map(|step| (at + step) % items.len()).find(|&index| starts(&items[index]))
        }
        _ => None,
    };
    if let Some(item) = next.and_then(|next| items.get(next)) {
        event.prevent_default();
        browser::focus(item);
    }
}
