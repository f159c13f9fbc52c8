//! Manage Organization → API keys: who may call the platform from programs, with what, and how that goes.

mod key_form;
mod key_page;
mod key_policy;
mod key_query;
mod key_table;
mod leak;
mod rotation;
mod scope_changes;
mod secret_dialog;
mod sparkline;
mod upgrade;

use crate::client;
use crate::i18n::Key;
use crate::lazy_part;
use crate::paths;
use crate::session::Session;
use crate::session::kept::Kept;
use crate::shell::manage::{ManagePage, PageAction};
use crate::shell::page::page_query;
use crate::ui::lazy::{Lazy, Load};
use crate::ui::load::{Failure, Shape, Skeleton};
use key_form::{Begun, KeyForm};
use key_page::KeyPage;
use key_query::KeyQuery;
use key_table::KeyTable;
use leak::LeakPage;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::{use_navigate, use_params_map};
use pulze_contract::api_key::{ApiKeyList, ApiKeyStatus, Scope, ScopeLevel};
use pulze_contract::{ApiKeyId, Operation, OrganizationId, Permission};
use secret_dialog::{Fresh, SecretDialog};
use upgrade::Upgrade;

pub const PAGE: ManagePage = ManagePage {
    slug: paths::API_KEYS,
    group: Key::Access,
    title: Key::ApiKeys,
    purpose: Key::ApiKeysPurpose,
    words: Key::WordsApiKeys,
    icon: "api-keys",
    skeleton: (8, Shape::List),
    needs: |rest| match rest {
        "" => Operation::ApiKeyList,
        paths::NEW => Operation::ApiKeyCreate,
        paths::LEAK => Operation::ApiKeyFind,
        _ => Operation::ApiKeyRead,
    },
    content: || Box::pin(api_keys()),
    actions: &[PageAction {
        title: Key::NewKey,
        permission: Permission::ApiKeysCreate,
        path: |id| paths::api_key(id, paths::NEW),
    }],
};

lazy_part!(api_keys, |_given: ()| view! { <ApiKeysPage/> }.into_any());
lazy_part!(api_key_page, |given: (Keys, String)| view! { <KeyPage keys=given.0 id=given.1/> }.into_any());
lazy_part!(api_key_leak, |keys: Keys| view! { <LeakPage keys/> }.into_any());
lazy_part!(api_key_upgrade, |_given: ()| view! { <Upgrade/> }.into_any());
lazy_part!(api_key_form, |begun: Begun| view! { <KeyForm begun/> }.into_any());

/// One key, to be fetched when a link to it is pointed at.
const ONE: Load<(Keys, String)> = || Box::pin(api_key_page());
const UPGRADE: Load<()> = || Box::pin(api_key_upgrade());
const LEAK: Load<Keys> = || Box::pin(api_key_leak());
const FORM: Load<Begun> = || Box::pin(api_key_form());

/// The keys as they are known, the question of the address, and the secret that was just made.
#[derive(Clone, Copy)]
pub struct Keys {
    organization: StoredValue<OrganizationId>,
    list: Kept<ApiKeyList>,
    query: Memo<KeyQuery>,
    selection: RwSignal<Vec<String>>,
    /// Shown once; nothing of it stays when the dialog closes.
    fresh: RwSignal<Option<Fresh>>,
    go: Callback<KeyQuery>,
}

impl Keys {
    /// Asks another question: the address changes, and the rows follow.
    fn ask(self, change: impl FnOnce(&mut KeyQuery)) {
        let Some(mut query) = self.query.try_get_untracked() else { return };
        change(&mut query);
        self.go.try_run(query);
    }
}

#[component]
fn ApiKeysPage() -> impl IntoView {
    let session = Session::expect();
    let organization = session.organization().get_untracked();
    if organization.is_some_and(|organization| organization.plan.includes(Permission::ApiKeysRead)) {
        view! { <Shown session/> }.into_any()
    } else {
        view! { <Lazy load=UPGRADE given=() lines=6/> }.into_any()
    }
}

#[component]
fn Shown(session: Session) -> impl IntoView {
    let Some(organization) = session.organization_id().get_untracked() else { return ().into_any() };
    let organization = StoredValue::new(organization);
    let list = Kept::new(session, move || {
        let organization = organization.get_value();
        async move { client::api_key_list(&organization).await }
    });
    let parameters = page_query();
    let query = Memo::new(move |_| KeyQuery::read(|name| parameters.read().get(name)));
    let navigate = use_navigate();
    let go = Callback::new(move |query: KeyQuery| {
        let path = paths::manage(&organization.read_value(), paths::API_KEYS) + &paths::query(&query.pairs());
        navigate(&path, NavigateOptions { replace: true, scroll: false, ..Default::default() });
    });
    let keys = Keys { organization, list, query, selection: RwSignal::new(Vec::new()), fresh: RwSignal::new(None), go };
    let rest = use_params_map();
    let shown = Memo::new(move |_| {
        let rest = rest.read().get("rest").unwrap_or_default();
        ([paths::NEW, paths::LEAK].contains(&rest.as_str()) || ApiKeyId::parse(&rest).is_some()).then_some(rest)
    });
    let there = list.is_there();
    let content = move || match (there.get(), shown.get()) {
        (false, _) => match list.failure.get() {
            Some(error) => view! { <Failure error on_retry=move |()| list.again()/> }.into_any(),
            None => view! { <Skeleton lines=8 shape=Shape::List/> }.into_any(),
        },
        (true, Some(id)) => view! { <Lazy load=ONE given=(keys, id) lines=6/> }.into_any(),
        (true, None) => view! { <KeyTable keys/> }.into_any(),
    };
    view! {
        {content}
        <SecretDialog keys/>
    }
    .into_any()
}

/// What a state is called.
fn status_key(status: ApiKeyStatus) -> Key {
    match status {
        ApiKeyStatus::Active => Key::KeyActive,
        ApiKeyStatus::Rotating => Key::KeyRotating,
        ApiKeyStatus::Expiring => Key::KeyExpiring,
        ApiKeyStatus::Disabled => Key::KeyDisabled,
        ApiKeyStatus::OwnerLeft => Key::KeyOwnerLeft,
        ApiKeyStatus::Expired => Key::KeyExpired,
        ApiKeyStatus::Revoked => Key::KeyRevoked,
    }
}

/// How the badge of a state looks.
fn status_kind(status: ApiKeyStatus) -> &'static str {
    match status {
        ApiKeyStatus::Active => "accent",
        ApiKeyStatus::Rotating | ApiKeyStatus::Expiring | ApiKeyStatus::OwnerLeft => "warning",
        ApiKeyStatus::Disabled | ApiKeyStatus::Expired | ApiKeyStatus::Revoked => "plain",
    }
}

fn scope_key(scope: Scope) -> Key {
    match scope {
        Scope::ChatCompletions => Key::ScopeChat,
        Scope::DataManagement => Key::ScopeData,
        Scope::ConversationHistory => Key::ScopeHistory,
        Scope::SpaceManagement => Key::ScopeSpaces,
        Scope::ModelAndRouterConfiguration => Key::ScopeModels,
    }
}

fn scope_level_key(level: ScopeLevel) -> Key {
    match level {
        ScopeLevel::None => Key::ScopeNone,
        ScopeLevel::Read => Key::ScopeRead,
        ScopeLevel::Write => Key::ScopeWrite,
    }
}
