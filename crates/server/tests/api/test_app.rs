//! A server in the test's own process, and clients of it.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, header};
use clap::Parser;
use pulze_console_server::config::Config;
use pulze_console_server::http::assets::Assets;
use pulze_console_server::service::models;
use pulze_console_server::store::{self, Store};
use pulze_console_server::{App, auth, http, live, new_digits, now};
use pulze_contract::access_template::AccessTemplate;
use pulze_contract::api_key::{ApiKeyContent, with_checksum};
use pulze_contract::assistant::AssistantContent;
use pulze_contract::model::{ModelFacts, NewModels};
use pulze_contract::operation::API_ROOT;
use pulze_contract::organization::Plan;
use pulze_contract::resource::{Grant, Subject};
use pulze_contract::router::{RouterContent, Strategy};
use pulze_contract::space::Visibility;
use pulze_contract::tool::ToolKind;
use pulze_contract::{
    AccessTemplateId, ApiKeyId, AssistantId, AuditEventId, InvitationId, Level, Operation, OrganizationId, ResourceKind, Role,
    RouterId, SessionId, SpaceId, ToolId, UsageViewId, UserId,
};
use serde_json::Value;
use std::sync::{Arc, LazyLock};
use tower::ServiceExt;

#[derive(Parser)]
struct Defaults {
    #[command(flatten)]
    config: Config,
}

/// One server over one new database.
pub struct TestApp {
    pub router: Router,
    pub store: Store,
    pub config: Arc<Config>,
    app: App,
    /// Whether there is a database whose copies can be compared at the end.
    compares: bool,
    _folder: Option<tempfile::TempDir>,
}

/// Where the clock stands at the start of the tests, in milliseconds ahead: `cargo xtask search` runs them while
/// months end and clocks are turned.
static CLOCK: LazyLock<i64> = LazyLock::new(|| {
    let wanted = std::env::var("PULZE_TEST_CLOCK").ok().map(|at| at.parse::<jiff::Timestamp>().unwrap());
    wanted.map_or(0, |at| at.as_millisecond() - now())
});

/// A server on each database that there is, with settings on top of the defaults.
pub async fn on_each_database(settings: &[&str]) -> Vec<TestApp> {
    if *CLOCK != 0 {
        pulze_console_server::set_clock_ahead(*CLOCK);
    }
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite:{}", folder.path().join("test.db").display());
    let mut apps = vec![TestApp::open(&sqlite, settings, Some(folder)).await];
    if let Ok(url) = std::env::var("PULZE_TEST_POSTGRES") {
        let name = format!("test_{}", new_digits());
        sqlx::any::install_default_drivers();
        let admin = sqlx::AnyPool::connect(&url).await.unwrap();
        sqlx::query(&format!("CREATE DATABASE {name}")).execute(&admin).await.unwrap();
        admin.close().await;
        let base = url.rsplit_once('/').unwrap().0;
        apps.push(TestApp::open(&format!("{base}/{name}"), settings, None).await);
    }
    apps
}

/// At the end of every test, each derived column is compared with what it is made of.
impl Drop for TestApp {
    fn drop(&mut self) {
        if std::thread::panicking() || !self.compares {
            return;
        }
        let url = self.config.database.clone();
        // A test's own runtime cannot wait for itself here.
        let compared = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let mut db = <sqlx::AnyConnection as sqlx::Connection>::connect(&url).await.ok()?;
                let differences = store::derived::differences(&mut db).await.unwrap();
                sqlx::Connection::close(db).await.unwrap();
                Some(differences)
            })
        });
        // A test that takes its database away has nothing left to compare.
        let differences = compared.join().unwrap().unwrap_or_default();
        assert_eq!(differences, Vec::<String>::new(), "a derived column is not what its source says");
    }
}

impl TestApp {
    async fn open(database: &str, settings: &[&str], folder: Option<tempfile::TempDir>) -> Self {
        let key = "5".repeat(64);
        let arguments = ["test", "--database", database, "--secret-key", &key].into_iter().chain(settings.iter().copied());
        Self::of(Defaults::try_parse_from(arguments).unwrap().config, folder).await
    }

    async fn of(config: Config, folder: Option<tempfile::TempDir>) -> Self {
        let store = Store::open(&config.database).await.unwrap();
        models::load_shipped(&store).await.unwrap();
        Self::over(config, store, folder)
    }

    /// A server whose database has not answered yet.
    pub fn unopened(database: &str) -> Self {
        let key = "5".repeat(64);
        let config = Defaults::try_parse_from(["test", "--database", database, "--secret-key", &key]).unwrap().config;
        let store = Store::unopened(&config.database).unwrap();
        let mut app = Self::over(config, store, None);
        app.compares = false;
        app
    }

    fn over(config: Config, store: Store, folder: Option<tempfile::TempDir>) -> Self {
        let config = Arc::new(config);
        let sealer = Arc::new(auth::seal::Sealer::from_config(&config).unwrap());
        let providers = match &config.oidc_providers {
            Some(file) => auth::openid::Providers::from_file(file).unwrap(),
            None => auth::openid::Providers::default(),
        };
        let app = App {
            model_names: Arc::default(),
            config: config.clone(),
            store: store.clone(),
            assets: Arc::new(Assets::default()),
            sealer,
            key_use: Arc::default(),
            providers: Arc::new(providers),
            live: Arc::default(),
        };
        tokio::spawn(live::run(app.clone()));
        Self { router: http::router(app.clone()), store, config, app, compares: true, _folder: folder }
    }

    /// Lets the server have an app of these files.
    pub async fn serve_app(&mut self, files: &[(&str, &str)]) {
        let folder = tempfile::tempdir().unwrap();
        for (name, content) in files {
            let file = folder.path().join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, content).unwrap();
        }
        self.app.assets = Arc::new(Assets::from_folder(folder.path()).unwrap());
        self.router = http::router(self.app.clone());
    }

    /// A second server on the same database: another process, but for the memory that it does not share.
    pub async fn beside(&self) -> Self {
        self.beside_with(&[]).await
    }

    /// The same, with settings on top of the defaults.
    pub async fn beside_with(&self, more: &[&str]) -> Self {
        let mut settings = vec!["test".to_owned(), "--database".to_owned(), self.config.database.clone()];
        settings.extend(["--secret-key".to_owned(), "5".repeat(64)]);
        settings.extend(more.iter().map(|setting| (*setting).to_owned()));
        Self::of(Defaults::try_parse_from(settings).unwrap().config, None).await
    }

    /// Asks for what is no operation, as nobody.
    pub async fn get(&self, path: &str) -> Reply {
        let request = Request::builder().uri(path).body(Body::empty()).unwrap();
        read(self.router.clone().oneshot(request).await.unwrap()).await
    }

    /// The mails of the installation, as text.
    pub async fn mails(&self) -> Vec<String> {
        let (_, mails) = store::mails::list(&mut self.store.read().await.unwrap(), 50).await.unwrap();
        mails.into_iter().map(|mail| format!("{}\n{}\n{}", mail.recipient, mail.subject, mail.text)).collect()
    }

    /// A person with a password.
    pub async fn person_with_password(&self, email: &str, password: &str) -> UserId {
        let hash = auth::password::hash(password.to_owned()).await.unwrap();
        self.insert_person(email, &hash).await
    }

    async fn insert_person(&self, email: &str, hash: &str) -> UserId {
        let user = store::users::User {
            id: UserId::from_digits(&new_digits()),
            email: email.to_owned(),
            name: format!("Person {email}"),
            administers_installation: email.starts_with("installation"),
        };
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        store::users::insert(&mut change, &user, hash, now()).await.unwrap();
        change.commit().await.unwrap();
        user.id
    }

    /// A signed-in person of a verified address (without a password: nobody signs in with it).
    pub async fn client(&self, email: &str) -> Client {
        let client = self.unverified_client(email).await;
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        store::users::set_email_verified(&mut change, &client.user, now()).await.unwrap();
        change.commit().await.unwrap();
        client
    }

    /// The same, whose address is only claimed.
    pub async fn unverified_client(&self, email: &str) -> Client {
        let user = self.insert_person(email, "none").await;
        self.sign_in(user).await
    }

    /// The secret of a link that was mailed to somebody to verify their address.
    pub async fn email_verification(&self, user: &UserId) -> String {
        let secret = auth::token::new();
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        let person = store::users::by_id(&mut change, user).await.unwrap().unwrap();
        let hash = auth::token::hash(&secret);
        store::email_verifications::put(&mut change, user, &person.email, &hash, now() + 60_000).await.unwrap();
        change.commit().await.unwrap();
        secret
    }

    pub async fn sign_in(&self, user: UserId) -> Client {
        let token = auth::token::new();
        let session = store::sessions::NewSession {
            token_hash: &auth::token::hash(&token),
            id: &SessionId::from_digits(&new_digits()),
            provider: "",
            user_id: &user,
            at: now(),
            address: "",
            user_agent: "",
        };
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        store::sessions::insert(&mut change, &session).await.unwrap();
        change.commit().await.unwrap();
        Client { router: self.router.clone(), cookie: Some(format!("pulze_session={token}")), user }
    }

    pub fn anonymous(&self) -> Client {
        Client { router: self.router.clone(), cookie: None, user: UserId::from_digits(&new_digits()) }
    }

    /// An organization with these members.
    pub async fn organization(&self, name: &str, plan: Plan, members: &[(&UserId, Role)]) -> OrganizationId {
        let id = OrganizationId::from_digits(&new_digits());
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        let new = store::organizations::NewOrganization {
            id: &id,
            name,
            logo_url: "",
            plan,
            reporting_time_zone: "UTC",
            by: members[0].0,
            at: now(),
        };
        store::organizations::insert(&mut change, &new).await.unwrap();
        for (user, role) in members {
            store::members::insert(&mut change, &id, user, *role, now()).await.unwrap();
        }
        change.commit().await.unwrap();
        id
    }

    /// A space, made by somebody who is admin of it.
    pub async fn space(&self, organization: &OrganizationId, name: &str, visibility: Visibility, admin: &UserId) -> SpaceId {
        let id = SpaceId::from_digits(&new_digits());
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        let content = store::spaces::Content { name, description: "", logo_url: "", visibility, archived_at: 0 };
        store::spaces::insert(&mut change, organization, &id, &content, admin, now()).await.unwrap();
        store::spaces::grant(&mut change, organization, &id, admin, pulze_contract::SpaceRole::Admin, 0, now()).await.unwrap();
        change.commit().await.unwrap();
        id
    }

    pub async fn grant(&self, organization: &OrganizationId, space: &SpaceId, user: &UserId, role: pulze_contract::SpaceRole) {
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        store::spaces::grant(&mut change, organization, space, user, role, 0, now()).await.unwrap();
        change.commit().await.unwrap();
    }

    /// Changes the database past the server.
    pub async fn execute<'q>(&self, query: sqlx::query::Query<'q, sqlx::Any, sqlx::any::AnyArguments<'q>>) {
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        query.execute(&mut *change).await.unwrap();
        change.commit().await.unwrap();
    }

    /// Everything that is written down about changes and tools.
    pub async fn everything(&self) -> String {
        let mut db = self.store.read().await.unwrap();
        let mut text = String::new();
        for sql in [
            "SELECT detail AS said FROM audit_events",
            "SELECT fingerprint || body AS said FROM idempotency_records",
            "SELECT settings AS said FROM tools",
            "SELECT sealed AS said FROM tool_secrets",
            "SELECT hash || last_four || recovery AS said FROM api_key_secrets",
            "SELECT content AS said FROM api_keys",
            "SELECT address || client AS said FROM api_key_callers",
            "SELECT subject || body || html AS said FROM mails",
        ] {
            for row in sqlx::query(sql).fetch_all(&mut *db).await.unwrap() {
                text.push_str(&sqlx::Row::get::<String, _>(&row, "said"));
            }
        }
        text
    }

    /// Events of an action, the newest first.
    pub async fn events_of(&self, organization: &OrganizationId, action: &str) -> Vec<AuditEventId> {
        let sql = "SELECT id FROM audit_events WHERE organization_id = $1 AND action = $2 ORDER BY at DESC, id";
        let mut db = self.store.read().await.unwrap();
        let rows = sqlx::query(sql).bind(organization.as_str()).bind(action).fetch_all(&mut *db).await.unwrap();
        rows.iter().map(|row| AuditEventId::parse(&sqlx::Row::get::<String, _>(row, "id")).unwrap()).collect()
    }

    /// Changes what is kept, past every rule.
    pub async fn run_sql(&self, sql: &str) {
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        sqlx::query(sql).execute(&mut *change).await.unwrap();
        change.commit().await.unwrap();
    }

    pub async fn set_password(&self, user: &UserId, hash: &str) {
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        store::users::set_password(&mut change, user, hash).await.unwrap();
        change.commit().await.unwrap();
    }

    /// A session of somebody's, beside the one that asks.
    pub async fn session_of(&self, user: &UserId) -> SessionId {
        self.sign_in(user.clone()).await;
        let sessions = store::sessions::of_user(&mut self.store.read().await.unwrap(), user, 0, 0).await.unwrap();
        sessions.into_iter().map(|session| session.id).max().unwrap()
    }

    /// An identity of somebody's at the provider of the tests.
    pub async fn identity(&self, user: &UserId) -> String {
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        store::identities::insert(&mut change, ("company", &new_digits()), user, "", now()).await.unwrap();
        change.commit().await.unwrap();
        "company".to_owned()
    }

    pub async fn account_version(&self, user: &UserId) -> i64 {
        store::users::profile(&mut self.store.read().await.unwrap(), user).await.unwrap().map_or(0, |profile| profile.version)
    }

    /// A question that somebody keeps.
    pub async fn view(&self, organization: &OrganizationId, user: &UserId) -> UsageViewId {
        let id = UsageViewId::from_digits(&new_digits());
        let row = store::usage::ViewRow { id: id.to_string(), name: new_digits(), query: String::new() };
        let mut change = self.store.change(organization).await.unwrap();
        store::usage::put_view(&mut change, organization, user, &row).await.unwrap();
        change.commit().await.unwrap();
        id
    }

    /// A pending invitation and the secret of its link.
    pub async fn invitation(
        &self,
        organization: &OrganizationId,
        email: &str,
        role: Role,
        by: &UserId,
    ) -> (InvitationId, String) {
        let (id, secret) = (InvitationId::from_digits(&new_digits()), auth::token::new());
        let new = store::invitations::New {
            id: &id,
            email,
            role,
            message: "",
            secret_hash: &auth::token::hash(&secret),
            by,
            at: now(),
            expires_at: now() + 60_000,
            ends_at: 0,
            spaces: &[],
        };
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        store::invitations::insert(&mut change, organization, &new).await.unwrap();
        change.commit().await.unwrap();
        (id, secret)
    }

    /// An access template for viewers.
    pub async fn template(&self, organization: &OrganizationId, name: &str) -> AccessTemplateId {
        let id = AccessTemplateId::from_digits(&new_digits());
        let template = AccessTemplate {
            id: id.clone(),
            name: name.to_owned(),
            role: Role::Viewer,
            spaces: Vec::new(),
            ends_after_days: None,
        };
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        store::access_templates::put(&mut change, organization, &template).await.unwrap();
        change.commit().await.unwrap();
        id
    }

    /// A router that chooses from every model.
    pub async fn router(&self, organization: &OrganizationId, name: &str) -> RouterId {
        let id = RouterId::from_digits(&new_digits());
        let content = RouterContent {
            name: name.to_owned(),
            description: String::new(),
            strategy: Strategy::BestQuality,
            models: Vec::new(),
            max_cost: None,
            retries: 0,
            fallback: None,
        };
        let nobody = UserId::from_digits(&new_digits());
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        store::resources::insert_router(&mut change, organization, &id, &content, &nobody, now()).await.unwrap();
        change.commit().await.unwrap();
        id
    }

    /// A model of the organization's own.
    pub async fn own_model(&self, organization: &OrganizationId, id: &str) {
        let facts = ModelFacts {
            id: id.to_owned(),
            provider: "own".to_owned(),
            context_window: Some(8000),
            max_output_tokens: Some(1000),
            input_price: 0,
            output_price: 0,
            vision: false,
            functions: false,
            json_schema: false,
            deprecated_on: None,
        };
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        store::models::insert_own(&mut change, organization, &facts).await.unwrap();
        change.commit().await.unwrap();
    }

    /// An assistant of a name, for everybody and in every space.
    pub async fn assistant(&self, organization: &OrganizationId, name: &str, owner: &UserId) -> AssistantId {
        let id = AssistantId::from_digits(&new_digits());
        let content = AssistantContent { name: name.to_owned(), ..AssistantContent::default() };
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        store::assistants::insert(&mut change, organization, &id, &content, owner, now()).await.unwrap();
        change.commit().await.unwrap();
        id
    }

    /// An integration that leads nowhere.
    pub async fn tool(&self, organization: &OrganizationId, name: &str) -> String {
        let id = ToolId::from_digits(&new_digits()).to_string();
        let tool = store::tools::ToolRow {
            id: id.clone(),
            kind: ToolKind::Http,
            name: name.to_owned(),
            description: String::new(),
            settings: [("endpoint".to_owned(), "https://127.0.0.1:1/".to_owned())].into(),
            secrets: Vec::new(),
            tested: None,
            version: 1,
        };
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        store::tools::put(&mut change, organization, &tool).await.unwrap();
        change.commit().await.unwrap();
        id
    }

    /// A key of these scopes, owned by a member: its identifier and its secret.
    pub async fn key(&self, organization: &OrganizationId, owner: &UserId, content: &ApiKeyContent) -> (ApiKeyId, String) {
        let id = ApiKeyId::from_digits(&new_digits());
        let random = format!("{}{}", new_digits(), &new_digits()[21..]);
        let secret = with_checksum(&random);
        let row = store::api_keys::SecretRow {
            number: 1,
            last_four: secret[secret.len() - 4..].to_owned(),
            created_at: now(),
            good_until: None,
            recovery: String::new(),
        };
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        store::api_keys::insert(&mut change, organization, &id, content, owner, now()).await.unwrap();
        let hash = auth::token::hash(&secret);
        store::api_keys::insert_secret(&mut change, organization, &id, &hash, &row).await.unwrap();
        change.commit().await.unwrap();
        (id, secret)
    }

    pub async fn join(&self, organization: &OrganizationId, user: &UserId, role: Role) {
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        store::members::insert(&mut change, organization, user, role, now()).await.unwrap();
        change.commit().await.unwrap();
    }

    /// Lets a key grow older.
    pub async fn age_key(&self, organization: &OrganizationId, id: &ApiKeyId, milliseconds: i64) {
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        let mut row = store::api_keys::find(&mut change, organization, id).await.unwrap().unwrap();
        row.content.expires_at = row.content.expires_at.map(|at| at - milliseconds);
        let at = (i64::from(row.disabled), i64::from(row.revoked));
        store::api_keys::update(&mut change, organization, &row, at).await.unwrap();
        for secret in store::api_keys::secrets_of(&mut change, organization, id).await.unwrap() {
            if let Some(until) = secret.good_until {
                store::api_keys::set_good_until(&mut change, organization, id, secret.number, until - milliseconds)
                    .await
                    .unwrap();
            }
        }
        change.commit().await.unwrap();
    }

    /// Says one thing about a resource to a member, and nothing to anybody else.
    pub async fn only(&self, organization: &OrganizationId, kind: ResourceKind, id: &str, member: &UserId, level: Level) {
        let said = |subject, level| Grant { subject, level };
        let mut grants = vec![said(Subject::Role(Role::Viewer), Level::None), said(Subject::Role(Role::Editor), Level::None)];
        if level > Level::None {
            grants.push(said(Subject::Member(member.clone()), level));
        }
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        store::resources::set_grants(&mut change, organization, kind, id, &grants).await.unwrap();
        change.commit().await.unwrap();
    }

    /// An event that says that a person changed nothing, at the present count of changes.
    pub async fn change_of_nothing(&self, organization: &OrganizationId, actor: &UserId) -> AuditEventId {
        let event = store::audit::Event {
            organization,
            actor,
            action: "model_update",
            subject: "",
            detail: serde_json::json!({ "before": {}, "version": 1 }),
            at: now(),
            request_id: "",
        };
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        let id = store::audit::insert(&mut change, &event).await.unwrap();
        change.commit().await.unwrap();
        id
    }

    /// Sets the rule for models that are new.
    pub async fn new_models(&self, organization: &OrganizationId, rule: &NewModels) {
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        store::resources::set_rule(&mut change, organization, rule).await.unwrap();
        change.commit().await.unwrap();
    }

    /// Lets time pass: everything with an end or a term comes this much nearer.
    pub async fn pass(&self, milliseconds: i64) {
        let mut change = self.store.change(store::Tenant::Installation).await.unwrap();
        for sql in [
            "UPDATE memberships SET ends_at = ends_at - $1 WHERE ends_at > 0",
            "UPDATE space_members SET ends_at = ends_at - $1 WHERE ends_at > 0",
            "UPDATE invitations SET expires_at = expires_at - $1",
        ] {
            sqlx::query(sql).bind(milliseconds).execute(&mut *change).await.unwrap();
        }
        change.commit().await.unwrap();
    }

    pub async fn admins(&self, organization: &OrganizationId) -> i64 {
        store::members::lasting_admins(&mut self.store.read().await.unwrap(), organization).await.unwrap()
    }
}

/// Fails on a status that the OpenAPI document does not name for the operation.
pub fn require_documented(operation: Operation, status: u16) {
    static DOCUMENT: LazyLock<Value> = LazyLock::new(|| http::openapi::build("pulze_session"));
    let item = &DOCUMENT["paths"][format!("{API_ROOT}{}", operation.path())][operation.method().as_str().to_lowercase()];
    let named = item["responses"].get(status.to_string()).is_some();
    assert!(named, "{} answers {status}, which the document does not name", operation.id());
}

/// Somebody who sends requests.
#[derive(Clone)]
pub struct Client {
    pub router: Router,
    pub cookie: Option<String>,
    pub user: UserId,
}

/// What came back.
pub struct Reply {
    pub status: u16,
    pub headers: axum::http::HeaderMap,
    pub text: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap()
    }
}

/// The parts of a request that differ between calls.
#[derive(Clone, Default)]
pub struct Call<'a> {
    pub organization: Option<&'a OrganizationId>,
    pub user: Option<&'a UserId>,
    pub space: Option<&'a SpaceId>,
    pub invitation: Option<&'a InvitationId>,
    pub template: Option<&'a AccessTemplateId>,
    pub router: Option<&'a RouterId>,
    pub model: Option<&'a str>,
    pub assistant: Option<&'a AssistantId>,
    pub tool: Option<&'a str>,
    pub key: Option<&'a ApiKeyId>,
    /// Kind and identifier of a resource whose access is asked.
    pub resource: Option<(ResourceKind, &'a str)>,
    pub event: Option<&'a AuditEventId>,
    pub view: Option<&'a UsageViewId>,
    pub session: Option<&'a SessionId>,
    pub provider: Option<&'a str>,
    /// A body that is no JSON.
    pub raw: Option<Vec<u8>>,
    /// What follows the path, with its `?`.
    pub query: &'a str,
    pub body: Option<Value>,
    pub headers: Vec<(&'a str, String)>,
}

impl Client {
    /// Sends an operation with a well-formed guard, unless the call brings its own headers.
    ///
    /// Whatever a test asks: the document names the status of the answer.
    pub async fn send(&self, operation: Operation, call: Call<'_>) -> Reply {
        let reply = read(self.ask(operation, call).await).await;
        require_documented(operation, reply.status);
        reply
    }

    /// What happens in an organization, as it happens.
    pub async fn events(&self, organization: &OrganizationId) -> Stream {
        let call = Call { organization: Some(organization), ..Call::default() };
        let response = self.ask(Operation::OrganizationEvents, call).await;
        assert_eq!(response.status(), 200);
        Stream { body: response.into_body().into_data_stream(), read: String::new() }
    }

    async fn ask(&self, operation: Operation, call: Call<'_>) -> Response<Body> {
        let nobody = UserId::from_digits("00000000000000000000000000000000");
        let nowhere = OrganizationId::from_digits("00000000000000000000000000000000");
        let path = operation
            .path()
            .replace("{organization_id}", call.organization.unwrap_or(&nowhere).as_str())
            .replace("{user_id}", call.user.unwrap_or(&nobody).as_str())
            .replace("{invitation_id}", call.invitation.map_or("invitation_none", InvitationId::as_str))
            .replace("{template_id}", call.template.map_or("template_none", AccessTemplateId::as_str))
            .replace("{router_id}", call.router.map_or("router_none", RouterId::as_str))
            .replace("{model_id}", &call.model.unwrap_or("none/none").replace('/', "%2F"))
            .replace("{assistant_id}", call.assistant.map_or("assistant_none", AssistantId::as_str))
            .replace("{key_id}", call.key.map_or("key_none", ApiKeyId::as_str))
            .replace("{tool_id}", call.tool.unwrap_or("tool_none"))
            .replace("{resource_kind}", call.resource.map_or("none", |(kind, _)| kind.as_str()))
            .replace("{resource_id}", &call.resource.map_or("none", |(_, id)| id).replace('/', "%2F"))
            .replace("{event_id}", call.event.map_or("event_none", AuditEventId::as_str))
            .replace("{session_id}", call.session.map_or("session_none", SessionId::as_str))
            .replace("{provider_id}", call.provider.unwrap_or("none"))
            .replace("{view_id}", call.view.map_or("view_none", UsageViewId::as_str))
            .replace("{space_id}", call.space.map_or("space_none", SpaceId::as_str));
        let mut request = Request::builder()
            .method(operation.method().as_str())
            .uri(format!("{API_ROOT}{path}{}", call.query))
            .header("host", "console.test");
        if let Some(cookie) = &self.cookie {
            request = request.header(header::COOKIE, cookie);
        }
        for name in operation.guard().headers().iter().filter(|_| call.headers.is_empty()) {
            let value = if *name == "If-Match" { "\"1\"".to_owned() } else { new_digits() };
            request = request.header(*name, value);
        }
        for (name, value) in &call.headers {
            request = request.header(*name, value);
        }
        let body = match call.body {
            None if call.raw.is_some() => Body::from(call.raw.unwrap_or_default()),
            Some(body) => {
                request = request.header("content-type", "application/json");
                Body::from(body.to_string())
            }
            None => Body::empty(),
        };
        self.router.clone().oneshot(request.body(body).unwrap()).await.unwrap()
    }
}

/// A stream of events that is read as it comes.
pub struct Stream {
    body: axum::body::BodyDataStream,
    read: String,
}

impl Stream {
    /// The data of the next event; nothing at the end.
    pub async fn next(&mut self) -> Option<Value> {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data: ")).map(str::to_owned);
                self.read = rest.to_owned();
                match data {
                    Some(data) => return serde_json::from_str(&data).ok(),
                    None => continue,
                }
            }
            let chunk = futures_util::StreamExt::next(&mut self.body).await?.ok()?;
            self.read.push_str(&String::from_utf8_lossy(&chunk));
        }
    }
}

/// Reads a whole answer; of a stream, that it began.
pub async fn read(response: Response<Body>) -> Reply {
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    if headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream") {
        return Reply { status, headers, text: String::new() };
    }
    let bytes = axum::body::to_bytes(response.into_body(), 1 << 23).await.unwrap();
    Reply { status, headers, text: String::from_utf8_lossy(&bytes).into_owned() }
}
