//! Who is signed in, in which organization, and what they may do there.

pub mod kept;
#[expect(clippy::disallowed_methods, reason = "the one place from which changes are sent")]
pub mod submission;
pub mod tabs;

use crate::client::{self, ClientError, Reading};
use crate::i18n::{self, Language};
use crate::ui::browser::{self, lower_case};
use leptos::prelude::*;
use pulze_contract::account::{Preferences, Theme};
use pulze_contract::organization::{Organization, OrganizationSummary};
use pulze_contract::session::{Provider, Session as Answer, Viewer};
use pulze_contract::{OrganizationId, Permission, UserId};

/// What is known about the session.
#[derive(Clone, Debug, PartialEq)]
pub enum Stage {
    Loading,
    Failed(ClientError),
    SignedOut,
    SignedIn,
}

/// The session of this tab or element. Private signals behind memos: a page asks, it does not set.
#[derive(Clone, Copy, Debug)]
pub struct Session {
    viewer: RwSignal<Option<Viewer>>,
    stage: RwSignal<Stage>,
    organization_id: Signal<Option<OrganizationId>>,
    organizations: RwSignal<Vec<Organization>>,
    attempt: RwSignal<u32>,
    providers: RwSignal<Vec<Provider>>,
    delivers_mail: RwSignal<bool>,
    /// The session ended while the person was at work: the page stays until they are back, or somebody else is there.
    lapsed: RwSignal<bool>,
    /// What happened to a page that is no longer there, in a sentence.
    notice: RwSignal<Option<String>>,
    /// Counts how often the person proved again who they are, in whatever tab.
    confirmed: RwSignal<u32>,
    /// The server does not answer, as far as is known.
    unreachable: RwSignal<bool>,
    /// Counts what happened to the members of this tab's organization.
    members_changed: RwSignal<u32>,
}

impl Session {
    /// Starts to ask who is signed in. `organization_id` is what the address (or the element) names.
    pub fn provide(organization_id: Signal<Option<OrganizationId>>) -> Self {
        let session = Self {
            viewer: RwSignal::new(None),
            stage: RwSignal::new(Stage::Loading),
            organization_id,
            organizations: RwSignal::new(Vec::new()),
            attempt: RwSignal::new(0),
            providers: RwSignal::new(Vec::new()),
            delivers_mail: RwSignal::new(true),
            lapsed: RwSignal::new(false),
            notice: RwSignal::new(None),
            confirmed: RwSignal::new(0),
            unreachable: RwSignal::new(false),
            members_changed: RwSignal::new(0),
        };
        let answer = Reading::new(move || {
            session.attempt.get();
            client::session_read()
        });
        Effect::new(move || match answer.get() {
            None => {}
            Some(Ok(answer)) => session.take(answer),
            // What is on screen stays there when only a refresh failed.
            Some(Err(error)) if session.viewer.read_untracked().is_none() => session.stage.set(Stage::Failed(error)),
            Some(Err(_)) => {}
        });
        provide_context(session);
        session
    }

    pub fn expect() -> Self {
        expect_context()
    }

    /// Takes what the server says about who is signed in. A session that ended by itself leaves the page as it is.
    pub fn take(self, answer: Answer) {
        self.providers.set(answer.providers);
        self.delivers_mail.set(answer.delivers_mail);
        let was_here = self.viewer.read_untracked().is_some();
        if answer.viewer.is_none() && was_here {
            self.lapsed.set(true);
        } else {
            self.set_viewer(answer.viewer);
        }
    }

    /// Whether the session ended while the person was at work.
    pub fn lapsed(self) -> RwSignal<bool> {
        self.lapsed
    }

    /// Whether a mail that the server took is on its way to somebody; not without a mail server.
    pub fn delivers_mail(self) -> bool {
        self.delivers_mail.get_untracked()
    }

    /// Services that one can sign in by.
    pub fn providers(self) -> RwSignal<Vec<Provider>> {
        self.providers
    }

    /// What happened to a page that is no longer there.
    pub fn notice(self) -> RwSignal<Option<String>> {
        self.notice
    }

    /// Changes whenever the person proved again who they are, in whatever tab.
    pub fn confirmed(self) -> RwSignal<u32> {
        self.confirmed
    }

    /// Whether the server does not answer.
    pub fn unreachable(self) -> Memo<bool> {
        Memo::new(move |_| self.unreachable.get())
    }

    pub fn set_unreachable(self, unreachable: bool) {
        let _ = self.unreachable.try_maybe_update(|was| (std::mem::replace(was, unreachable) != unreachable, ()));
    }

    /// Changes whenever members of this tab's organization do, on whatever device.
    pub fn members_changed(self) -> RwSignal<u32> {
        self.members_changed
    }

    /// Who is signed in, without asking.
    pub fn user_id(self) -> Option<UserId> {
        self.viewer.read_untracked().as_ref().map(|viewer| viewer.user_id.clone())
    }

    /// Takes a new answer about who is signed in; another person sees nothing of the one before.
    pub fn set_viewer(self, viewer: Option<Viewer>) {
        let same =
            self.viewer.read_untracked().as_ref().map(|viewer| &viewer.user_id) == viewer.as_ref().map(|viewer| &viewer.user_id);
        if !same {
            self.organizations.set(Vec::new());
        }
        if !same && viewer.is_some() {
            self.notice.set(None);
        }
        let stage = if viewer.is_some() { Stage::SignedIn } else { Stage::SignedOut };
        if let Some(viewer) = &viewer {
            follow_preferences(&viewer.preferences);
        }
        self.viewer.set(viewer);
        self.stage.set(stage);
        self.lapsed.set(false);
    }

    pub fn stage(self) -> Memo<Stage> {
        Memo::new(move |_| self.stage.get())
    }

    pub fn viewer(self) -> Memo<Option<Viewer>> {
        Memo::new(move |_| self.viewer.get())
    }

    /// Asks the server again who is signed in and where they belong.
    pub fn refresh(self) {
        self.attempt.update(|attempt| *attempt += 1);
    }

    pub fn organization_id(self) -> Signal<Option<OrganizationId>> {
        self.organization_id
    }

    /// The organization of this tab as the switcher shows it; `None` when it is not the viewer's.
    pub fn organization(self) -> Memo<Option<OrganizationSummary>> {
        Memo::new(move |_| {
            let id = self.organization_id.get()?;
            self.viewer.read().as_ref()?.organizations.iter().find(|organization| organization.id == id).cloned()
        })
    }

    /// Whether the viewer holds a permission in this tab's organization.
    pub fn can(self, permission: Permission) -> Memo<bool> {
        let organization = self.organization();
        Memo::new(move |_| {
            organization.read().as_ref().is_some_and(|organization| organization.permissions.contains(&permission))
        })
    }

    /// Everything that the viewer may do in this tab's organization.
    pub fn permissions(self) -> Memo<Vec<Permission>> {
        let organization = self.organization();
        Memo::new(move |_| organization.read().as_ref().map(|organization| organization.permissions.clone()).unwrap_or_default())
    }

    /// The whole organization, as far as it is known: shown at once, refreshed behind.
    pub fn details(self, id: OrganizationId) -> Memo<Option<Organization>> {
        Memo::new(move |_| self.organizations.read().iter().find(|known| known.summary.id == id).cloned())
    }

    /// Asks for the whole organization of this tab, and takes up the answer.
    pub fn read_organization(self, id: OrganizationId) -> Reading<Organization> {
        let answer = Reading::new(move || {
            let id = id.clone();
            async move { client::organization_read(&id).await }
        });
        Effect::new(move || match answer.get() {
            Some(Ok(organization)) => self.remember(organization),
            Some(Err(error)) => self.learn_from(&error),
            None => {}
        });
        answer
    }

    /// Takes up what the server said about an organization, everywhere it is shown.
    pub fn remember(self, organization: Organization) {
        let known =
            self.viewer.read_untracked().as_ref().is_some_and(|viewer| viewer.organizations.contains(&organization.summary));
        if !known {
            self.remember_summary(&organization.summary);
        }
        self.organizations.update(|known| {
            known.retain(|other| other.summary.id != organization.summary.id);
            known.push(organization);
        });
    }

    fn remember_summary(self, summary: &OrganizationSummary) {
        self.viewer.update(|viewer| {
            let Some(viewer) = viewer else { return };
            viewer.organizations.retain(|known| known.id != summary.id);
            viewer.organizations.push(summary.clone());
            viewer.organizations.sort_by_key(|known| (lower_case(&known.name), known.id.clone()));
        });
    }

    /// Lets go of an organization that was left or deleted.
    pub fn forget(self, id: &OrganizationId) {
        self.organizations.update(|known| known.retain(|organization| organization.summary.id != *id));
        self.viewer.update(|viewer| {
            if let Some(viewer) = viewer {
                viewer.organizations.retain(|known| known.id != *id);
            }
        });
    }

    /// What an error means for the session: signed out elsewhere, or a role taken away.
    pub fn learn_from(self, error: &ClientError) {
        if error.is_signed_out() || error.is_gone() {
            self.refresh();
        }
    }
}

/// Where the theme is remembered in this browser.
pub const THEME: &str = "pulze.theme";

/// Shows a theme, and remembers it for the next start, when nobody is known yet.
pub fn show_theme(theme: Theme) {
    let name = if theme == Theme::System { "" } else { theme.as_str() };
    browser::store(THEME, name);
    browser::set_theme(name);
}

/// What the person chose on any device holds on this one.
fn follow_preferences(preferences: &Preferences) {
    i18n::set_time_zone(preferences.time_zone.clone());
    if let Some(language) = preferences.language.as_deref().and_then(Language::parse)
        && i18n::current_language() != language
        // The pseudo-locale of tests is no language of a person's.
        && i18n::current_language() != Language::Pseudo
    {
        i18n::choose(language);
    }
    if preferences.theme != Theme::System {
        show_theme(preferences.theme);
    }
}
