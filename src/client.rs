//! One async function per operation: the only code that knows HTTP.

pub mod error;
pub mod interruption;
#[expect(clippy::disallowed_methods, reason = "where tasks are bound to whoever waits")]
mod reading;
mod request;

pub use error::ClientError;
use pulze_contract::access::{AccessChange, AccessList, AccessUpdate, AccessUpdated};
use pulze_contract::access_template::{AccessTemplate, AccessTemplateContent, AccessTemplateList};
use pulze_contract::account::{
    Account, AccountUpdate, EmailVerificationCreated, EmailVerify, PasswordUpdate, Preferences, SessionConfirm, SessionList,
};
use pulze_contract::api_key::{
    ApiKey, ApiKeyContent, ApiKeyCreated, ApiKeyDetails, ApiKeyEvidence, ApiKeyFind, ApiKeyFound, ApiKeyList, ApiKeyPolicy,
    ApiKeyRotate, ApiKeyUpdate, ApiKeysChange, KeyAction, LeakNotice, LeakNoticed,
};
use pulze_contract::assistant::{Assistant, AssistantContent, AssistantList, AssistantUpdate};
use pulze_contract::availability::{Changed, Impact, Switch};
use pulze_contract::hierarchy::Hierarchy;
use pulze_contract::image::{ImageFetch, KeptImage};
use pulze_contract::invitation::{
    Invitation, InvitationAccept, InvitationCheck, InvitationCreate, InvitationLink, InvitationOpened, InvitationSecret,
    InvitationSent, InvitationUpdate, PastedPeople, Receipts,
};
use pulze_contract::mail::MailList;
use pulze_contract::member::{
    MemberDelete, MemberDetails, MemberList, MemberQuery, MemberUpdate, MemberUpdated, RoleChange, SpaceRoleChange,
};
use pulze_contract::model::{Model, ModelCreate, ModelList};
use pulze_contract::organization::{Organization, OrganizationCreate, OrganizationDelete, OrganizationUpdate};
use pulze_contract::policy::{Defaults, DefaultsUpdate, EffectivePolicy, SpaceSettingUpdate};
use pulze_contract::resource::{GrantChange, ResourceAccess, ResourceAccessUpdate};
use pulze_contract::router::{Router, RouterContent, RouterList, RouterUpdate};
use pulze_contract::session::{ProviderBegin, ProviderBegun, Session, SessionCreate, SignedOut, Viewer};
use pulze_contract::space::{Space, SpaceCreate, SpaceDelete, SpaceList, SpaceMemberList, SpaceMembersUpdate, SpaceUpdate};
use pulze_contract::table::TableFormat;
use pulze_contract::tool::{Tool, ToolCreate, ToolList, ToolTested, ToolUpdate};
use pulze_contract::usage::{CallList, CallPoints, Usage, UsageQuery, UsageView, UsageViewCreate, UsageViewList};
use pulze_contract::{
    AccessTemplateId, ApiKeyId, AuditEventId, InvitationId, Operation, OrganizationId, ResourceKind, SessionId, SpaceId, UserId,
};
pub use reading::{Listener, Reading};
use request::Request;
use std::collections::HashMap;

/// What an operation gives, or why it did not.
pub type Result<T> = std::result::Result<T, ClientError>;

pub async fn session_read() -> Result<Session> {
    Request::new(Operation::SessionRead).send().await
}

pub async fn session_create(body: &SessionCreate) -> Result<Option<Viewer>> {
    Request::new(Operation::SessionCreate).body(body).send::<Session>().await.map(|session| session.viewer)
}

pub async fn session_delete() -> Result<SignedOut> {
    Request::new(Operation::SessionDelete).send().await
}

pub async fn session_confirm(password: String) -> Result<()> {
    Request::new(Operation::SessionConfirm).body(&SessionConfirm { password }).send_empty().await
}

/// Where the browser goes to prove it.
pub async fn provider_begin(body: &ProviderBegin) -> Result<String> {
    Request::new(Operation::ProviderBegin).body(body).send::<ProviderBegun>().await.map(|begun| begun.address)
}

pub async fn session_list() -> Result<SessionList> {
    Request::new(Operation::SessionList).send().await
}

pub async fn session_end(id: &SessionId) -> Result<()> {
    Request::new(Operation::SessionEnd).part("{session_id}", id.as_str()).send_empty().await
}

pub async fn sessions_end_others() -> Result<()> {
    Request::new(Operation::SessionsEndOthers).send_empty().await
}

pub async fn account_read() -> Result<Account> {
    Request::new(Operation::AccountRead).send().await
}

/// `version` is that of the account which the person was looking at.
pub async fn account_update(version: i64, body: &AccountUpdate) -> Result<Account> {
    Request::new(Operation::AccountUpdate).header("If-Match", &format!("\"{version}\"")).body(body).send().await
}

/// The same, where only preferences change and the answer is of no use.
pub async fn preferences_update(version: i64, preferences: Preferences) -> Result<()> {
    let body = AccountUpdate { preferences: Some(preferences), ..AccountUpdate::default() };
    Request::new(Operation::AccountUpdate).header("If-Match", &format!("\"{version}\"")).body(&body).send_empty().await
}

pub async fn password_update(body: &PasswordUpdate) -> Result<()> {
    Request::new(Operation::PasswordUpdate).body(body).send_empty().await
}

/// Whether the installation sends the mail that was asked for.
pub async fn email_verification_create() -> Result<bool> {
    Request::new(Operation::EmailVerificationCreate).send::<EmailVerificationCreated>().await.map(|created| created.delivers)
}

pub async fn email_verify(secret: String) -> Result<()> {
    Request::new(Operation::EmailVerify).body(&EmailVerify { secret }).send_empty().await
}

pub async fn identity_delete(provider: &str) -> Result<()> {
    Request::new(Operation::IdentityDelete).part("{provider_id}", provider).send_empty().await
}

pub async fn image_fetch(url: &str) -> Result<KeptImage> {
    Request::new(Operation::ImageFetch).body(&ImageFetch { url: url.to_owned() }).send().await
}

pub async fn image_upload(file: &web_sys::File) -> Result<KeptImage> {
    Request::new(Operation::ImageUpload).file(file).send().await
}

/// The stream of what happens in an organization, for an `EventSource`.
pub fn organization_events(id: &OrganizationId) -> String {
    Request::new(Operation::OrganizationEvents).organization(id).address()
}

/// `key` stays the same for one intention, so that asking twice creates once.
pub async fn organization_create(body: &OrganizationCreate, key: &str) -> Result<Organization> {
    Request::new(Operation::OrganizationCreate).header("Idempotency-Key", key).body(body).send().await
}

pub async fn organization_read(id: &OrganizationId) -> Result<Organization> {
    Request::new(Operation::OrganizationRead).organization(id).send().await
}

/// `version` is that of the organization which the person was looking at.
pub async fn organization_update(id: &OrganizationId, version: i64, body: &OrganizationUpdate) -> Result<Organization> {
    Request::new(Operation::OrganizationUpdate)
        .organization(id)
        .header("If-Match", &format!("\"{version}\""))
        .body(body)
        .send()
        .await
}

pub async fn organization_delete(id: &OrganizationId, body: &OrganizationDelete) -> Result<()> {
    Request::new(Operation::OrganizationDelete).organization(id).body(body).send_empty().await
}

pub async fn membership_delete(id: &OrganizationId) -> Result<()> {
    Request::new(Operation::MembershipDelete).organization(id).send_empty().await
}

/// Rows from `offset` on, at most 100.
pub async fn member_list(id: &OrganizationId, query: &MemberQuery, offset: u32) -> Result<MemberList> {
    let mut pairs = query.pairs();
    pairs.push(("offset", offset.to_string()));
    Request::new(Operation::MemberList).organization(id).query(&pairs).send().await
}

pub async fn member_read(id: &OrganizationId, user: &UserId) -> Result<MemberDetails> {
    Request::new(Operation::MemberRead).organization(id).user(user).send().await
}

pub async fn member_update(id: &OrganizationId, changes: Vec<RoleChange>) -> Result<MemberUpdated> {
    Request::new(Operation::MemberUpdate).organization(id).body(&MemberUpdate { changes }).send().await
}

pub async fn member_delete(id: &OrganizationId, user: &UserId, body: &MemberDelete) -> Result<()> {
    Request::new(Operation::MemberDelete).organization(id).user(user).body(body).send_empty().await
}

/// The file.
pub async fn member_export(id: &OrganizationId, query: &MemberQuery, format: TableFormat) -> Result<Vec<u8>> {
    let mut pairs = query.pairs();
    pairs.push(("format", format.as_str().to_owned()));
    Request::new(Operation::MemberExport).organization(id).query(&pairs).send_bytes().await
}

pub async fn invitation_check(id: &OrganizationId, pasted: PastedPeople) -> Result<Receipts> {
    let body = InvitationCheck { pasted: Some(pasted), ..InvitationCheck::default() };
    Request::new(Operation::InvitationCheck).organization(id).body(&body).send().await
}

/// `key` stays the same for one intention, so that asking twice sends once.
pub async fn invitation_create(id: &OrganizationId, body: &InvitationCreate, key: &str) -> Result<Receipts> {
    Request::new(Operation::InvitationCreate).organization(id).header("Idempotency-Key", key).body(body).send().await
}

pub async fn invitation_read(id: &OrganizationId, invitation: &InvitationId) -> Result<Invitation> {
    Request::new(Operation::InvitationRead).organization(id).invitation(invitation).send().await
}

pub async fn invitation_update(id: &OrganizationId, invitation: &InvitationId, body: &InvitationUpdate) -> Result<()> {
    Request::new(Operation::InvitationUpdate).organization(id).invitation(invitation).body(body).send_empty().await
}

pub async fn invitation_link(id: &OrganizationId, invitation: &InvitationId) -> Result<InvitationLink> {
    Request::new(Operation::InvitationLink).organization(id).invitation(invitation).send().await
}

/// Gives who is signed in, with the new organization.
pub async fn received_invitation_accept(invitation: &InvitationId) -> Result<Option<Viewer>> {
    let request = Request::new(Operation::ReceivedInvitationAccept).invitation(invitation);
    request.send::<Session>().await.map(|session| session.viewer)
}

pub async fn received_invitation_decline(invitation: &InvitationId) -> Result<()> {
    Request::new(Operation::ReceivedInvitationDecline).invitation(invitation).send_empty().await
}

pub async fn access_template_list(id: &OrganizationId) -> Result<AccessTemplateList> {
    Request::new(Operation::AccessTemplateList).organization(id).send().await
}

/// `key` stays the same for one intention, so that asking twice creates once.
pub async fn access_template_create(id: &OrganizationId, body: &AccessTemplateContent, key: &str) -> Result<AccessTemplate> {
    Request::new(Operation::AccessTemplateCreate).organization(id).header("Idempotency-Key", key).body(body).send().await
}

pub async fn access_template_update(
    id: &OrganizationId,
    template: &AccessTemplateId,
    body: &AccessTemplateContent,
) -> Result<AccessTemplate> {
    Request::new(Operation::AccessTemplateUpdate).organization(id).template(template).body(body).send().await
}

pub async fn access_template_delete(id: &OrganizationId, template: &AccessTemplateId) -> Result<()> {
    Request::new(Operation::AccessTemplateDelete).organization(id).template(template).send_empty().await
}

/// Rows from `offset` on, at most `limit`.
pub async fn access_list(id: &OrganizationId, query: &MemberQuery, offset: u32, limit: u32) -> Result<AccessList> {
    let mut pairs = query.pairs();
    pairs.push(("offset", offset.to_string()));
    pairs.push(("limit", limit.to_string()));
    Request::new(Operation::AccessList).organization(id).query(&pairs).send().await
}

pub async fn access_update(id: &OrganizationId, changes: Vec<AccessChange>) -> Result<AccessUpdated> {
    Request::new(Operation::AccessUpdate).organization(id).body(&AccessUpdate { changes }).send().await
}

pub async fn mail_list() -> Result<MailList> {
    Request::new(Operation::MailList).send().await
}

pub async fn invitation_resend(id: &OrganizationId, invitation: &InvitationId) -> Result<InvitationSent> {
    Request::new(Operation::InvitationResend).organization(id).invitation(invitation).send().await
}

pub async fn invitation_delete(id: &OrganizationId, invitation: &InvitationId) -> Result<()> {
    Request::new(Operation::InvitationDelete).organization(id).invitation(invitation).send_empty().await
}

pub async fn invitation_open(secret: String) -> Result<InvitationOpened> {
    Request::new(Operation::InvitationOpen).body(&InvitationSecret { secret }).send().await
}

/// A person looks at it.
pub async fn invitation_seen(secret: String) -> Result<()> {
    Request::new(Operation::InvitationSeen).body(&InvitationSecret { secret }).send_empty().await
}

/// Gives who is signed in afterwards: a new account is.
pub async fn invitation_accept(body: &InvitationAccept) -> Result<Option<Viewer>> {
    Request::new(Operation::InvitationAccept).body(body).send::<Session>().await.map(|session| session.viewer)
}

pub async fn invitation_decline(secret: String) -> Result<()> {
    Request::new(Operation::InvitationDecline).body(&InvitationSecret { secret }).send_empty().await
}

pub async fn space_list(id: &OrganizationId) -> Result<SpaceList> {
    Request::new(Operation::SpaceList).organization(id).send().await
}

pub async fn space_read(id: &OrganizationId, space: &SpaceId) -> Result<Space> {
    Request::new(Operation::SpaceRead).organization(id).space(space).send().await
}

/// `key` stays the same for one intention, so that asking twice creates once.
pub async fn space_create(id: &OrganizationId, body: &SpaceCreate, key: &str) -> Result<Space> {
    Request::new(Operation::SpaceCreate).organization(id).header("Idempotency-Key", key).body(body).send().await
}

/// `space` is the version that the person was looking at.
pub async fn space_update(id: &OrganizationId, space: &Space, body: &SpaceUpdate) -> Result<Space> {
    Request::new(Operation::SpaceUpdate)
        .organization(id)
        .space(&space.id)
        .header("If-Match", &format!("\"{}\"", space.version))
        .body(body)
        .send()
        .await
}

pub async fn space_delete(id: &OrganizationId, space: &SpaceId, confirm_name: String) -> Result<()> {
    Request::new(Operation::SpaceDelete).organization(id).space(space).body(&SpaceDelete { confirm_name }).send_empty().await
}

pub async fn space_member_list(id: &OrganizationId, space: &SpaceId) -> Result<SpaceMemberList> {
    Request::new(Operation::SpaceMemberList).organization(id).space(space).send().await
}

pub async fn space_members_update(
    id: &OrganizationId,
    space: &SpaceId,
    changes: Vec<SpaceRoleChange>,
) -> Result<SpaceMemberList> {
    let body = SpaceMembersUpdate { changes };
    Request::new(Operation::SpaceMembersUpdate).organization(id).space(space).body(&body).send().await
}

pub async fn model_list(id: &OrganizationId) -> Result<ModelList> {
    Request::new(Operation::ModelList).organization(id).send().await
}

/// `key` stays the same for one intention, so that asking twice creates once.
pub async fn model_create(id: &OrganizationId, body: &ModelCreate, key: &str) -> Result<Model> {
    Request::new(Operation::ModelCreate).organization(id).header("Idempotency-Key", key).body(body).send().await
}

pub async fn model_delete(id: &OrganizationId, model: &str) -> Result<()> {
    Request::new(Operation::ModelDelete).organization(id).part("{model_id}", model).send_empty().await
}

pub async fn switch_check(kind: ResourceKind, id: &OrganizationId, body: &Switch) -> Result<Impact> {
    let operation = match kind {
        ResourceKind::Model => Operation::ModelCheck,
        ResourceKind::Router => Operation::RouterCheck,
        ResourceKind::Assistant => Operation::AssistantCheck,
        ResourceKind::Tool => Operation::ToolCheck,
    };
    Request::new(operation).organization(id).body(body).send().await
}

pub async fn switch(kind: ResourceKind, id: &OrganizationId, body: &Switch) -> Result<Changed> {
    let operation = match kind {
        ResourceKind::Model => Operation::ModelUpdate,
        ResourceKind::Router => Operation::RouterSwitch,
        ResourceKind::Assistant => Operation::AssistantSwitch,
        ResourceKind::Tool => Operation::ToolSwitch,
    };
    Request::new(operation).organization(id).body(body).send().await
}

pub async fn change_undo(id: &OrganizationId, event: &AuditEventId) -> Result<()> {
    Request::new(Operation::ChangeUndo).organization(id).part("{event_id}", event.as_str()).send_empty().await
}

pub async fn router_list(id: &OrganizationId) -> Result<RouterList> {
    Request::new(Operation::RouterList).organization(id).send().await
}

/// `key` stays the same for one intention, so that asking twice creates once.
pub async fn router_create(id: &OrganizationId, body: &RouterContent, key: &str) -> Result<Router> {
    Request::new(Operation::RouterCreate).organization(id).header("Idempotency-Key", key).body(body).send().await
}

/// `version` is that of the router which the person was looking at.
pub async fn router_update(id: &OrganizationId, router: &str, version: i64, body: &RouterUpdate) -> Result<Router> {
    Request::new(Operation::RouterUpdate)
        .organization(id)
        .part("{router_id}", router)
        .header("If-Match", &format!("\"{version}\""))
        .body(body)
        .send()
        .await
}

pub async fn assistant_list(id: &OrganizationId) -> Result<AssistantList> {
    Request::new(Operation::AssistantList).organization(id).send().await
}

/// `key` stays the same for one intention, so that asking twice creates once.
pub async fn assistant_create(id: &OrganizationId, body: &AssistantContent, key: &str) -> Result<Assistant> {
    Request::new(Operation::AssistantCreate).organization(id).header("Idempotency-Key", key).body(body).send().await
}

pub async fn assistant_read(id: &OrganizationId, assistant: &str) -> Result<Assistant> {
    Request::new(Operation::AssistantRead).organization(id).part("{assistant_id}", assistant).send().await
}

/// `version` is that of the assistant which the person was looking at.
pub async fn assistant_update(id: &OrganizationId, assistant: &str, version: i64, body: &AssistantUpdate) -> Result<Assistant> {
    Request::new(Operation::AssistantUpdate)
        .organization(id)
        .part("{assistant_id}", assistant)
        .header("If-Match", &format!("\"{version}\""))
        .body(body)
        .send()
        .await
}

pub async fn assistant_delete(id: &OrganizationId, assistant: &str) -> Result<()> {
    Request::new(Operation::AssistantDelete).organization(id).part("{assistant_id}", assistant).send_empty().await
}

pub async fn tool_list(id: &OrganizationId) -> Result<ToolList> {
    Request::new(Operation::ToolList).organization(id).send().await
}

/// `key` stays the same for one intention, so that asking twice creates once.
pub async fn tool_create(id: &OrganizationId, body: &ToolCreate, key: &str) -> Result<Tool> {
    Request::new(Operation::ToolCreate).organization(id).header("Idempotency-Key", key).body(body).send().await
}

/// `version` is that of the tool which the person was looking at.
pub async fn tool_update(id: &OrganizationId, tool: &str, version: i64, body: &ToolUpdate) -> Result<Tool> {
    Request::new(Operation::ToolUpdate)
        .organization(id)
        .part("{tool_id}", tool)
        .header("If-Match", &format!("\"{version}\""))
        .body(body)
        .send()
        .await
}

pub async fn tool_delete(id: &OrganizationId, tool: &str) -> Result<()> {
    Request::new(Operation::ToolDelete).organization(id).part("{tool_id}", tool).send_empty().await
}

pub async fn tool_test(id: &OrganizationId, tool: &str) -> Result<ToolTested> {
    Request::new(Operation::ToolTest).organization(id).part("{tool_id}", tool).send().await
}

pub async fn resource_access_read(id: &OrganizationId, kind: ResourceKind, resource: &str) -> Result<ResourceAccess> {
    let request = Request::new(Operation::ResourceAccessRead).organization(id);
    request.part("{resource_kind}", kind.as_str()).part("{resource_id}", resource).send().await
}

pub async fn resource_access_update(
    id: &OrganizationId,
    kind: ResourceKind,
    resource: &str,
    changes: Vec<GrantChange>,
) -> Result<Changed> {
    let request = Request::new(Operation::ResourceAccessUpdate).organization(id).part("{resource_kind}", kind.as_str());
    request.part("{resource_id}", resource).body(&ResourceAccessUpdate { changes }).send().await
}

pub async fn api_key_list(id: &OrganizationId) -> Result<ApiKeyList> {
    Request::new(Operation::ApiKeyList).organization(id).send().await
}

/// `key` stays the same for one intention, so that asking twice creates once.
pub async fn api_key_create(id: &OrganizationId, body: &ApiKeyContent, key: &str) -> Result<ApiKeyCreated> {
    Request::new(Operation::ApiKeyCreate).organization(id).header("Idempotency-Key", key).body(body).send().await
}

pub async fn api_key_read(id: &OrganizationId, key: &str) -> Result<ApiKeyDetails> {
    Request::new(Operation::ApiKeyRead).organization(id).part("{key_id}", key).send().await
}

/// `version` is that of the key which the person was looking at.
pub async fn api_key_update(id: &OrganizationId, key: &str, version: i64, body: &ApiKeyUpdate) -> Result<ApiKey> {
    Request::new(Operation::ApiKeyUpdate)
        .organization(id)
        .part("{key_id}", key)
        .header("If-Match", &format!("\"{version}\""))
        .body(body)
        .send()
        .await
}

/// `version` is that of the key which the person was looking at; `intention` stays the same for one rotation, so that
/// asking twice makes one secret.
pub async fn api_key_rotate(
    id: &OrganizationId,
    (key, version): (&str, i64),
    overlap_hours: u32,
    intention: &str,
) -> Result<ApiKeyCreated> {
    let request = Request::new(Operation::ApiKeyRotate).organization(id).part("{key_id}", key);
    let request = request.header("If-Match", &format!("\"{version}\"")).header("Idempotency-Key", intention);
    request.body(&ApiKeyRotate { overlap_hours }).send().await
}

/// `keys` with the versions that the person was looking at. What only closes goes through whatever was changed since.
pub async fn api_keys_change(id: &OrganizationId, keys: Vec<(ApiKeyId, i64)>, action: KeyAction) -> Result<ApiKeyList> {
    let (ids, mut versions): (Vec<_>, Vec<_>) = keys.into_iter().unzip();
    if !action.opens() {
        versions.clear();
    }
    Request::new(Operation::ApiKeysChange).organization(id).body(&ApiKeysChange { ids, versions, action }).send().await
}

/// `pasted` is a key as it was found somewhere, or its identifier.
pub async fn api_key_find(id: &OrganizationId, pasted: String) -> Result<ApiKeyFound> {
    Request::new(Operation::ApiKeyFind).organization(id).body(&ApiKeyFind { key: pasted }).send().await
}

/// What the key did in the last `hours`.
pub async fn api_key_evidence(id: &OrganizationId, key: &str, hours: u32) -> Result<ApiKeyEvidence> {
    let request = Request::new(Operation::ApiKeyEvidence).organization(id).part("{key_id}", key);
    request.query(&[("hours", hours.to_string())]).send().await
}

/// `intention` stays the same for one notice, so that asking twice writes one mail.
pub async fn api_key_leak_notice(id: &OrganizationId, key: &str, body: &LeakNotice, intention: &str) -> Result<LeakNoticed> {
    let request = Request::new(Operation::ApiKeyLeakNotice).organization(id).part("{key_id}", key);
    request.header("Idempotency-Key", intention).body(body).send().await
}

pub async fn api_key_policy_update(id: &OrganizationId, body: &ApiKeyPolicy) -> Result<ApiKeyPolicy> {
    Request::new(Operation::ApiKeyPolicyUpdate).organization(id).body(body).send().await
}

/// `own`: only what the viewer used.
/// Where gateways report calls to, from the root of this server.
pub fn usage_import_address(id: &OrganizationId) -> String {
    Request::new(Operation::UsageImport).organization(id).address()
}

/// Where they report them to as OpenTelemetry's spans.
pub fn usage_traces_address(id: &OrganizationId) -> String {
    Request::new(Operation::UsageTraces).organization(id).address()
}

pub async fn usage_read(id: &OrganizationId, own: bool, query: &UsageQuery) -> Result<Usage> {
    let operation = if own { Operation::UsageReadOwn } else { Operation::UsageRead };
    Request::new(operation).organization(id).query(&query.pairs()).send().await
}

/// The following ones from `after` on, as the answer before named it.
pub async fn usage_calls(
    id: &OrganizationId,
    own: bool,
    query: &UsageQuery,
    failed: bool,
    after: Option<String>,
) -> Result<CallList> {
    let operation = if own { Operation::UsageCallsOwn } else { Operation::UsageCalls };
    let mut pairs = query.pairs();
    if failed {
        pairs.push(("failed", "true".to_owned()));
    }
    pairs.extend(after.map(|after| ("after", after)));
    Request::new(operation).organization(id).query(&pairs).send().await
}

/// All of the single calls as columns.
pub async fn usage_call_points(id: &OrganizationId, own: bool, query: &UsageQuery, failed: bool) -> Result<CallPoints> {
    let operation = if own { Operation::UsageCallPointsOwn } else { Operation::UsageCallPoints };
    let mut pairs = query.pairs();
    if failed {
        pairs.push(("failed", "true".to_owned()));
    }
    Request::new(operation).organization(id).query(&pairs).send().await
}

/// The file: JSON, or a table by the name of its format.
pub async fn usage_export(id: &OrganizationId, query: &UsageQuery, format: &str) -> Result<Vec<u8>> {
    let mut pairs = query.pairs();
    pairs.push(("format", format.to_owned()));
    Request::new(Operation::UsageExport).organization(id).query(&pairs).send_bytes().await
}

pub async fn usage_view_list(id: &OrganizationId) -> Result<UsageViewList> {
    Request::new(Operation::UsageViewList).organization(id).send().await
}

/// `intention` stays the same for one wish, so that asking twice keeps one view.
pub async fn usage_view_create(id: &OrganizationId, body: &UsageViewCreate, intention: &str) -> Result<UsageView> {
    Request::new(Operation::UsageViewCreate).organization(id).header("Idempotency-Key", intention).body(body).send().await
}

pub async fn usage_view_delete(id: &OrganizationId, view: &str) -> Result<()> {
    Request::new(Operation::UsageViewDelete).organization(id).part("{view_id}", view).send_empty().await
}

pub async fn defaults_read(id: &OrganizationId) -> Result<Defaults> {
    Request::new(Operation::DefaultsRead).organization(id).send().await
}

pub async fn defaults_update(id: &OrganizationId, body: &DefaultsUpdate) -> Result<Changed> {
    Request::new(Operation::DefaultsUpdate).organization(id).body(body).send().await
}

pub async fn space_settings_update(id: &OrganizationId, space: &SpaceId, body: &SpaceSettingUpdate) -> Result<EffectivePolicy> {
    Request::new(Operation::SpaceSettingsUpdate).organization(id).space(space).body(body).send().await
}

pub async fn effective_policy_read(id: &OrganizationId, space: &SpaceId) -> Result<EffectivePolicy> {
    Request::new(Operation::EffectivePolicyRead).organization(id).space(space).send().await
}

pub async fn hierarchy_read(id: &OrganizationId) -> Result<Hierarchy> {
    Request::new(Operation::HierarchyRead).organization(id).send().await
}

/// The words of a language.
pub async fn translations(language: &str) -> Result<HashMap<String, String>> {
    request::file(&format!("/locales/{language}.json")).await
}
