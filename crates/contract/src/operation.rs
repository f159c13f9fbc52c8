//! Every request of the API: method, path, and what it asks of the caller.
//!
//! The server builds its router from this table, the OpenAPI document and the permission matrix of
//! the tests are read off it, and the app's client takes method and path from it.

use crate::{Level, Permission, SpacePermission};

/// The HTTP methods in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    Get,
    Post,
    Patch,
    Delete,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }
}

/// What a caller needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing: anybody may ask.
    Public,
    /// A valid session, whatever the organization.
    SignedIn,
    /// A session of somebody who looks after the installation.
    Installation,
    /// A session of a member of the organization in the path who holds the permission.
    Member(Permission),
    /// The same, and at least the level on every resource that the path or the body names. A resource
    /// that the caller may not see answers like one that does not exist.
    Resource(Permission, Level),
    /// Like `Member`, and the permission in the space that the path names as well. A space that the
    /// caller cannot enter answers like one that does not exist.
    Space(Permission, SpacePermission),
}

/// What a request carries besides its path and body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Guard {
    None,
    /// `If-Match` with the entity tag of the version that was read (428 without, 412 when stale).
    IfMatch,
    /// `Idempotency-Key`: asked again with the same key, the first answer is given again.
    IdempotencyKey,
    /// Both: of many who read the same version one succeeds, and whoever lost that answer gets it again.
    IfMatchAndIdempotencyKey,
}

impl Guard {
    /// The headers that are asked for.
    pub fn headers(self) -> &'static [&'static str] {
        match self {
            Self::None => &[],
            Self::IfMatch => &["If-Match"],
            Self::IdempotencyKey => &["Idempotency-Key"],
            Self::IfMatchAndIdempotencyKey => &["If-Match", "Idempotency-Key"],
        }
    }
}

/// When an operation asks that the caller proved within the last minutes who they are (the installation says how many):
/// not everybody who finds a page open may take data away, or make themselves an admin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreshSignIn {
    Never,
    /// It makes a secret, takes somebody's access or everything away, or lets data out as a file.
    Always,
    /// Where somebody could do more afterwards than before, or for longer: the rule sees that in the body.
    WhenItRaises,
}

macro_rules! operations {
    ($(#[doc = $doc:literal] $variant:ident $id:literal $method:ident $path:literal $access:expr, $guard:ident, $success:literal;)*) => {
        /// A request of the API, named by resource and verb.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Operation { $(#[doc = $doc] $variant,)* }

        impl Operation {
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// `resource_verb`, the operation's name in OpenAPI and in logs.
            pub fn id(self) -> &'static str { match self { $(Self::$variant => $id,)* } }
            /// What it does, in a sentence.
            pub fn summary(self) -> &'static str { match self { $(Self::$variant => $doc.trim_ascii(),)* } }
            pub fn method(self) -> Method { match self { $(Self::$variant => Method::$method,)* } }
            /// The path below `/api/v1`, with parameters in braces.
            pub fn path(self) -> &'static str { match self { $(Self::$variant => $path,)* } }
            pub fn access(self) -> Access {
                use Access::*;
                match self { $(Self::$variant => $access,)* }
            }
            /// What is asked of the caller in the organization that the path names.
            pub fn permission(self) -> Option<Permission> {
                match self.access() {
                    Access::Public | Access::SignedIn | Access::Installation => None,
                    Access::Member(permission) | Access::Resource(permission, _) | Access::Space(permission, _) => Some(permission),
                }
            }
            pub fn guard(self) -> Guard { match self { $(Self::$variant => Guard::$guard,)* } }
            /// Longest body, in bytes; none where nothing is sent. Who is not known yet may send little.
            pub fn body_max(self) -> usize {
                match (self, self.method(), self.access()) {
                    (_, Method::Get, _) => 0,
                    // 5,000 calls as spans.
                    (Self::UsageImport | Self::UsageTraces, ..) => 24 * 1024 * 1024,
                    // A little more than a picture may have: the picture is then refused, not the request.
                    (Self::ImageUpload, ..) => crate::validation::IMAGE_MAX + 1024,
                    (_, _, Access::Public) => 16 * 1024,
                    _ => 512 * 1024,
                }
            }
            /// The status of a success.
            pub fn success(self) -> u16 { match self { $(Self::$variant => $success,)* } }
        }
    };
}

operations! {
    /// Who is signed in, and their organizations; `viewer` is null for nobody.
    SessionRead "session_read" Get "/session" Public, None, 200;
    /// Sign in by email and password.
    SessionCreate "session_create" Post "/session" Public, None, 200;
    /// Sign out.
    SessionDelete "session_delete" Delete "/session" SignedIn, None, 200;
    /// Go to a provider to sign in, to link an identity, or to prove again who one is.
    ProviderBegin "provider_begin" Post "/session/provider" Public, None, 200;
    /// Prove again who one is, for what asks for a fresh sign-in.
    SessionConfirm "session_confirm" Post "/session/confirm" SignedIn, None, 204;
    /// Where one is signed in.
    SessionList "session_list" Get "/sessions" SignedIn, None, 200;
    /// End all of one's sessions but this one.
    SessionsEndOthers "sessions_end_others" Delete "/sessions" SignedIn, None, 204;
    /// End one of one's sessions.
    SessionEnd "session_end" Delete "/sessions/{session_id}" SignedIn, None, 204;
    /// One's own account.
    AccountRead "account_read" Get "/account" SignedIn, None, 200;
    /// Change one's name, picture or preferences.
    AccountUpdate "account_update" Patch "/account" SignedIn, IfMatch, 200;
    /// Change one's password; every other session ends.
    PasswordUpdate "password_update" Post "/account/password" SignedIn, None, 204;
    /// Mail a link to the address of one's account, by which one proves that it is one's own.
    EmailVerificationCreate "email_verification_create" Post "/account/email-verification" SignedIn, None, 200;
    /// Prove the address of one's account by the link that was mailed to it.
    EmailVerify "email_verify" Post "/account/email-verification/proof" SignedIn, None, 204;
    /// Fetch a picture from its address, clean and keep it.
    ImageFetch "image_fetch" Post "/images/fetch" SignedIn, None, 200;
    /// Upload a picture: PNG, JPEG or SVG as the body.
    ImageUpload "image_upload" Post "/images" SignedIn, None, 200;
    /// Take a provider's identity off one's account.
    IdentityDelete "identity_delete" Delete "/account/identities/{provider_id}" SignedIn, None, 204;
    /// The organizations that the signed-in person belongs to.
    OrganizationList "organization_list" Get "/organizations" SignedIn, None, 200;
    /// Create an organization; the creator becomes its admin.
    OrganizationCreate "organization_create" Post "/organizations" SignedIn, IdempotencyKey, 201;
    /// Read an organization.
    OrganizationRead "organization_read" Get "/organizations/{organization_id}" Member(Permission::OrganizationRead), None, 200;
    /// Change name, logo, reporting time zone, language, or whether editors may invite.
    OrganizationUpdate "organization_update" Patch "/organizations/{organization_id}" Member(Permission::OrganizationUpdate), IfMatch, 200;
    /// Delete the organization; the body repeats its name.
    OrganizationDelete "organization_delete" Delete "/organizations/{organization_id}" Member(Permission::OrganizationDelete), None, 204;
    /// What happens in the organization, as it happens (server-sent events).
    OrganizationEvents "organization_events" Get "/organizations/{organization_id}/events" Member(Permission::OrganizationRead), None, 200;
    /// Leave the organization.
    MembershipDelete "membership_delete" Delete "/organizations/{organization_id}/membership" Member(Permission::OrganizationRead), None, 204;
    /// The members of the organization and, for those who may invite, the invitations.
    MemberList "member_list" Get "/organizations/{organization_id}/members" Member(Permission::MembersRead), None, 200;
    /// One member: access to spaces, history, and what a removal would leave behind.
    MemberRead "member_read" Get "/organizations/{organization_id}/members/{user_id}" Member(Permission::MembersUpdate), None, 200;
    /// Change the roles of up to 200 members, with or without an end, all or none.
    MemberUpdate "member_update" Patch "/organizations/{organization_id}/members" Member(Permission::MembersUpdate), None, 200;
    /// The members that fit the filters as CSV, whatever their number.
    MemberExport "member_export" Get "/organizations/{organization_id}/members.csv" Member(Permission::MembersExport), None, 200;
    /// Remove a member; their spaces can be handed over.
    MemberDelete "member_delete" Delete "/organizations/{organization_id}/members/{user_id}" Member(Permission::MembersRemove), None, 204;
    /// What would become of each row, were the invitations sent.
    InvitationCheck "invitation_check" Post "/organizations/{organization_id}/invitations/check" Member(Permission::MembersInvite), None, 200;
    /// Send invitations, at most 200; each row gets its receipt.
    InvitationCreate "invitation_create" Post "/organizations/{organization_id}/invitations" Member(Permission::MembersInvite), IdempotencyKey, 200;
    /// One invitation that was not accepted.
    InvitationRead "invitation_read" Get "/organizations/{organization_id}/invitations/{invitation_id}" Member(Permission::MembersInvite), None, 200;
    /// Change what an invitation gives: role, spaces, end.
    InvitationUpdate "invitation_update" Patch "/organizations/{organization_id}/invitations/{invitation_id}" Member(Permission::MembersInvite), None, 204;
    /// Send an invitation again: the same one, with a new link.
    InvitationResend "invitation_resend" Post "/organizations/{organization_id}/invitations/{invitation_id}/resend" Member(Permission::MembersInvite), None, 200;
    /// Make a link to hand over by other means; the mailed one stays good.
    InvitationLink "invitation_link" Post "/organizations/{organization_id}/invitations/{invitation_id}/link" Member(Permission::MembersInvite), None, 200;
    /// Revoke an invitation.
    InvitationDelete "invitation_delete" Delete "/organizations/{organization_id}/invitations/{invitation_id}" Member(Permission::MembersInvite), None, 204;
    /// What an invitation's link leads to. Opening it accepts nothing.
    InvitationOpen "invitation_open" Post "/invitation" Public, None, 200;
    /// Say that a person looked at an invitation by its link: from then on it counts as opened.
    InvitationSeen "invitation_seen" Post "/invitation/seen" Public, None, 204;
    /// Accept: as the signed-in person of that address, or with a new account.
    InvitationAccept "invitation_accept" Post "/invitation/accept" Public, None, 200;
    /// Decline an invitation.
    InvitationDecline "invitation_decline" Post "/invitation/decline" Public, None, 204;
    /// Accept an invitation to one's own address, without its link.
    ReceivedInvitationAccept "received_invitation_accept" Post "/invitations/{invitation_id}/accept" SignedIn, None, 200;
    /// Decline an invitation to one's own address.
    ReceivedInvitationDecline "received_invitation_decline" Post "/invitations/{invitation_id}/decline" SignedIn, None, 204;
    /// The access templates of the organization, by name.
    AccessTemplateList "access_template_list" Get "/organizations/{organization_id}/access-templates" Member(Permission::MembersInvite), None, 200;
    /// Make an access template: a name for role, spaces and term.
    AccessTemplateCreate "access_template_create" Post "/organizations/{organization_id}/access-templates" Member(Permission::MembersUpdate), IdempotencyKey, 201;
    /// Change an access template. Who was invited by it keeps what they have.
    AccessTemplateUpdate "access_template_update" Patch "/organizations/{organization_id}/access-templates/{template_id}" Member(Permission::MembersUpdate), None, 200;
    /// Delete an access template.
    AccessTemplateDelete "access_template_delete" Delete "/organizations/{organization_id}/access-templates/{template_id}" Member(Permission::MembersUpdate), None, 204;
    /// Who has which role in which space, for the members that fit the filters.
    AccessList "access_list" Get "/organizations/{organization_id}/access" Member(Permission::SpacesUpdate), None, 200;
    /// Grant, change and take away roles of any members in any spaces, all or none.
    AccessUpdate "access_update" Patch "/organizations/{organization_id}/access" Member(Permission::SpacesUpdate), None, 200;
    /// The newest mails of the installation, and what became of them.
    MailList "mail_list" Get "/mails" Installation, None, 200;
    /// The spaces that the caller can enter.
    SpaceList "space_list" Get "/organizations/{organization_id}/spaces" Member(Permission::SpacesRead), None, 200;
    /// Make a space; its maker becomes its admin.
    SpaceCreate "space_create" Post "/organizations/{organization_id}/spaces" Member(Permission::SpacesCreate), IdempotencyKey, 201;
    /// Read a space.
    SpaceRead "space_read" Get "/organizations/{organization_id}/spaces/{space_id}" Space(Permission::SpacesRead, SpacePermission::Read), None, 200;
    /// Change name, description, logo or visibility, archive or restore.
    SpaceUpdate "space_update" Patch "/organizations/{organization_id}/spaces/{space_id}" Space(Permission::SpacesRead, SpacePermission::Update), IfMatch, 200;
    /// Delete a space; the body repeats its name.
    SpaceDelete "space_delete" Delete "/organizations/{organization_id}/spaces/{space_id}" Space(Permission::SpacesDelete, SpacePermission::Delete), None, 204;
    /// Who was granted a role in a space.
    SpaceMemberList "space_member_list" Get "/organizations/{organization_id}/spaces/{space_id}/members" Space(Permission::SpacesRead, SpacePermission::Read), None, 200;
    /// Grant, change and take away roles in a space, all or none.
    SpaceMembersUpdate "space_members_update" Patch "/organizations/{organization_id}/spaces/{space_id}/members" Space(Permission::SpacesRead, SpacePermission::MembersUpdate), None, 200;
    /// Let the space say something about a setting of the organization, or inherit it.
    SpaceSettingsUpdate "space_settings_update" Patch "/organizations/{organization_id}/spaces/{space_id}/settings" Space(Permission::SpacesRead, SpacePermission::Update), None, 200;
    /// What holds in the space in the end: what a gateway enforces.
    EffectivePolicyRead "effective_policy_read" Get "/organizations/{organization_id}/spaces/{space_id}/effective-policy" Space(Permission::SpacesRead, SpacePermission::Read), None, 200;
    /// Every model, whether it is enabled here, and what it did in the last 30 days.
    ModelList "model_list" Get "/organizations/{organization_id}/models" Member(Permission::ModelsRead), None, 200;
    /// What switching models would do, were it done.
    ModelCheck "model_check" Post "/organizations/{organization_id}/models/check" Resource(Permission::ModelsRead, Level::Manage), None, 200;
    /// Switch models on or off, all or none; what names them can get another one.
    ModelUpdate "model_update" Patch "/organizations/{organization_id}/models" Resource(Permission::ModelsRead, Level::Manage), None, 200;
    /// Add a model of the organization's own.
    ModelCreate "model_create" Post "/organizations/{organization_id}/models" Member(Permission::ModelsUpdate), IdempotencyKey, 201;
    /// Delete a model of the organization's own that nothing names.
    ModelDelete "model_delete" Delete "/organizations/{organization_id}/models/{model_id}" Member(Permission::ModelsUpdate), None, 204;
    /// The routers of the organization, and how they did in the last 30 days.
    RouterList "router_list" Get "/organizations/{organization_id}/routers" Member(Permission::RoutersRead), None, 200;
    /// Make a router.
    RouterCreate "router_create" Post "/organizations/{organization_id}/routers" Member(Permission::RoutersCreate), IdempotencyKey, 201;
    /// Change a router that the organization made, put it away or take it back.
    RouterUpdate "router_update" Patch "/organizations/{organization_id}/routers/{router_id}" Resource(Permission::RoutersRead, Level::Manage), IfMatch, 200;
    /// What switching routers would do, were it done.
    RouterCheck "router_check" Post "/organizations/{organization_id}/routers/check" Member(Permission::RoutersSetDefault), None, 200;
    /// Switch routers on or off, all or none; what names them can get another one.
    RouterSwitch "router_switch" Patch "/organizations/{organization_id}/routers" Member(Permission::RoutersSetDefault), None, 200;
    /// The assistants that the caller may see, and how they were used in the last 30 days.
    AssistantList "assistant_list" Get "/organizations/{organization_id}/assistants" Member(Permission::AssistantsRead), None, 200;
    /// Make an assistant; its maker owns it.
    AssistantCreate "assistant_create" Post "/organizations/{organization_id}/assistants" Member(Permission::AssistantsUpdate), IdempotencyKey, 201;
    /// Read an assistant.
    AssistantRead "assistant_read" Get "/organizations/{organization_id}/assistants/{assistant_id}" Resource(Permission::AssistantsRead, Level::View), None, 200;
    /// Change an assistant.
    AssistantUpdate "assistant_update" Patch "/organizations/{organization_id}/assistants/{assistant_id}" Resource(Permission::AssistantsRead, Level::Manage), IfMatch, 200;
    /// Delete an assistant.
    AssistantDelete "assistant_delete" Delete "/organizations/{organization_id}/assistants/{assistant_id}" Resource(Permission::AssistantsRead, Level::Admin), None, 204;
    /// What switching assistants would do, were it done.
    AssistantCheck "assistant_check" Post "/organizations/{organization_id}/assistants/check" Resource(Permission::AssistantsRead, Level::Manage), None, 200;
    /// Switch assistants on or off, all or none.
    AssistantSwitch "assistant_switch" Patch "/organizations/{organization_id}/assistants" Resource(Permission::AssistantsRead, Level::Manage), None, 200;
    /// The tools that the caller may see, with their settings for whoever manages them.
    ToolList "tool_list" Get "/organizations/{organization_id}/tools" Member(Permission::ToolsRead), None, 200;
    /// Add an integration.
    ToolCreate "tool_create" Post "/organizations/{organization_id}/tools" Member(Permission::ToolsUpdate), IdempotencyKey, 201;
    /// Change the settings of a tool.
    ToolUpdate "tool_update" Patch "/organizations/{organization_id}/tools/{tool_id}" Resource(Permission::ToolsRead, Level::Manage), IfMatch, 200;
    /// Delete an integration that nothing names.
    ToolDelete "tool_delete" Delete "/organizations/{organization_id}/tools/{tool_id}" Resource(Permission::ToolsRead, Level::Admin), None, 204;
    /// Call what a tool calls, with its settings, and show what comes back.
    ToolTest "tool_test" Post "/organizations/{organization_id}/tools/{tool_id}/test" Resource(Permission::ToolsRead, Level::Manage), None, 200;
    /// What switching tools would do, were it done.
    ToolCheck "tool_check" Post "/organizations/{organization_id}/tools/check" Resource(Permission::ToolsRead, Level::Manage), None, 200;
    /// Switch tools on or off, all or none; assistants that have them can get another one.
    ToolSwitch "tool_switch" Patch "/organizations/{organization_id}/tools" Resource(Permission::ToolsRead, Level::Manage), None, 200;
    /// Who may do what with a resource, and where that comes from.
    ResourceAccessRead "resource_access_read" Get "/organizations/{organization_id}/access/{resource_kind}/{resource_id}" Resource(Permission::OrganizationRead, Level::Admin), None, 200;
    /// Give levels on a resource to roles, spaces and members, and take them away, all or none.
    ResourceAccessUpdate "resource_access_update" Patch "/organizations/{organization_id}/access/{resource_kind}/{resource_id}" Resource(Permission::OrganizationRead, Level::Admin), None, 200;
    /// The API keys of the organization, their state and use.
    ApiKeyList "api_key_list" Get "/organizations/{organization_id}/api-keys" Member(Permission::ApiKeysRead), None, 200;
    /// Make an API key; its secret is in this answer and nowhere else.
    ApiKeyCreate "api_key_create" Post "/organizations/{organization_id}/api-keys" Member(Permission::ApiKeysCreate), IdempotencyKey, 201;
    /// Disable, enable or revoke keys, finish or extend their rotation, all or none.
    ApiKeysChange "api_keys_change" Patch "/organizations/{organization_id}/api-keys" Member(Permission::ApiKeysRevoke), None, 200;
    /// Say how long keys may live.
    ApiKeyPolicyUpdate "api_key_policy_update" Patch "/organizations/{organization_id}/api-key-policy" Member(Permission::ApiKeysRevoke), None, 200;
    /// One key: its secrets, and who used them.
    ApiKeyRead "api_key_read" Get "/organizations/{organization_id}/api-keys/{key_id}" Member(Permission::ApiKeysRead), None, 200;
    /// Change what a key may do, or who owns it.
    ApiKeyUpdate "api_key_update" Patch "/organizations/{organization_id}/api-keys/{key_id}" Member(Permission::ApiKeysCreate), IfMatch, 200;
    /// Give a key a new secret; the old one stays good for as long as is said.
    ApiKeyRotate "api_key_rotate" Post "/organizations/{organization_id}/api-keys/{key_id}/rotate" Member(Permission::ApiKeysRotate), IfMatchAndIdempotencyKey, 201;
    /// Which key it is that was found somewhere.
    ApiKeyFind "api_key_find" Post "/organizations/{organization_id}/api-keys/find" Member(Permission::ApiKeysRevoke), None, 200;
    /// What a key did within a window, and what was done to it.
    ApiKeyEvidence "api_key_evidence" Get "/organizations/{organization_id}/api-keys/{key_id}/evidence" Member(Permission::ApiKeysRevoke), None, 200;
    /// Tell the owner of a key that it leaked.
    ApiKeyLeakNotice "api_key_leak_notice" Post "/organizations/{organization_id}/api-keys/{key_id}/leak-notice" Member(Permission::ApiKeysRevoke), IdempotencyKey, 201;
    /// Whether a key opens what a gateway is about to do, or the first reason why it does not.
    ApiKeyVerify "api_key_verify" Post "/keys/verify" Public, None, 200;
    /// Report calls, at most 5,000, in any order; what was reported before counts once.
    UsageImport "usage_import" Post "/organizations/{organization_id}/usage/events" Member(Permission::UsageImport), None, 200;
    /// Report calls as OpenTelemetry spans with the attributes of generative AI (OTLP/HTTP, JSON).
    UsageTraces "usage_traces" Post "/organizations/{organization_id}/usage/otlp/v1/traces" Member(Permission::UsageImport), None, 200;
    /// What was used: over time, by group, with the sums that prove it.
    UsageRead "usage_read" Get "/organizations/{organization_id}/usage" Member(Permission::UsageRead), None, 200;
    /// What one used oneself.
    UsageReadOwn "usage_read_own" Get "/organizations/{organization_id}/usage/own" Member(Permission::UsageReadOwn), None, 200;
    /// The same numbers as a file, CSV or JSON, of all groups.
    UsageExport "usage_export" Get "/organizations/{organization_id}/usage/export" Member(Permission::UsageRead), None, 200;
    /// The single calls behind a number.
    UsageCalls "usage_calls" Get "/organizations/{organization_id}/usage/calls" Member(Permission::UsageRead), None, 200;
    /// The single calls behind a number of one's own.
    UsageCallsOwn "usage_calls_own" Get "/organizations/{organization_id}/usage/own/calls" Member(Permission::UsageReadOwn), None, 200;
    /// The single calls as columns, for a picture of all of them.
    UsageCallPoints "usage_call_points" Get "/organizations/{organization_id}/usage/calls/points" Member(Permission::UsageRead), None, 200;
    /// The single calls of one's own as columns.
    UsageCallPointsOwn "usage_call_points_own" Get "/organizations/{organization_id}/usage/own/calls/points" Member(Permission::UsageReadOwn), None, 200;
    /// The questions that one keeps by name.
    UsageViewList "usage_view_list" Get "/organizations/{organization_id}/usage/views" Member(Permission::UsageReadOwn), None, 200;
    /// Keep a question by a name; one of that name is replaced.
    UsageViewCreate "usage_view_create" Post "/organizations/{organization_id}/usage/views" Member(Permission::UsageReadOwn), IdempotencyKey, 201;
    /// Forget a question.
    UsageViewDelete "usage_view_delete" Delete "/organizations/{organization_id}/usage/views/{view_id}" Member(Permission::UsageReadOwn), None, 204;
    /// The defaults of the organization, and what the caller's spaces make of them.
    DefaultsRead "defaults_read" Get "/organizations/{organization_id}/defaults" Member(Permission::RoutersRead), None, 200;
    /// Change defaults, and say what becomes of the spaces that are there.
    DefaultsUpdate "defaults_update" Patch "/organizations/{organization_id}/defaults" Member(Permission::RoutersSetDefault), None, 200;
    /// What the organization consists of, in numbers: as much of it as the caller may see.
    HierarchyRead "hierarchy_read" Get "/organizations/{organization_id}/hierarchy" Member(Permission::OrganizationRead), None, 200;
    /// Report how many conversations, documents and so on there are.
    ContentImport "content_import" Post "/organizations/{organization_id}/content-counts" Member(Permission::OrganizationUpdate), None, 204;
    /// Undo a change of resources, access or defaults that one has just made.
    ChangeUndo "change_undo" Post "/organizations/{organization_id}/changes/{event_id}/undo" Member(Permission::ModelsRead), None, 204;
}

impl Operation {
    /// Whether the caller must have proved lately who they are. Each operation says it: a new one has to decide.
    pub fn fresh_sign_in(self) -> FreshSignIn {
        use Operation::*;
        match self {
            OrganizationDelete | MemberDelete | MemberExport | UsageExport | ApiKeyCreate | ApiKeyRotate | ApiKeyEvidence
            | MailList => FreshSignIn::Always,
            // Making an admin, or one for longer; letting others invite.
            MemberUpdate | InvitationCreate | InvitationUpdate | InvitationResend | InvitationLink | AccessTemplateCreate
            | AccessTemplateUpdate | OrganizationUpdate => FreshSignIn::WhenItRaises,
            // A key that may do more, longer, or for somebody else.
            ApiKeyUpdate | ApiKeysChange | ApiKeyPolicyUpdate => FreshSignIn::WhenItRaises,
            // Another way to sign in; a password where there was none.
            ProviderBegin | PasswordUpdate => FreshSignIn::WhenItRaises,
            // Roles in a space and levels on a resource are given every day, and end at what an admin holds; an invitation
            // was decided by whoever sent it.
            SpaceMembersUpdate | AccessUpdate | ResourceAccessUpdate | ReceivedInvitationAccept | InvitationAccept => {
                FreshSignIn::Never
            }
            SessionRead
            | SessionCreate
            | SessionDelete
            | SessionConfirm
            | SessionList
            | SessionsEndOthers
            | SessionEnd
            | AccountRead
            | AccountUpdate
            | EmailVerificationCreate
            | EmailVerify
            | InvitationSeen
            | ImageFetch
            | ImageUpload
            | IdentityDelete
            | OrganizationList
            | OrganizationCreate
            | OrganizationRead
            | OrganizationEvents
            | MembershipDelete
            | MemberList
            | MemberRead
            | InvitationCheck
            | InvitationRead
            | InvitationDelete
            | InvitationOpen
            | InvitationDecline
            | ReceivedInvitationDecline
            | AccessTemplateList
            | AccessTemplateDelete
            | AccessList
            | SpaceList
            | SpaceCreate
            | SpaceRead
            | SpaceUpdate
            | SpaceDelete
            | SpaceMemberList
            | SpaceSettingsUpdate
            | EffectivePolicyRead
            | ModelList
            | ModelCheck
            | ModelUpdate
            | ModelCreate
            | ModelDelete
            | RouterList
            | RouterCreate
            | RouterUpdate
            | RouterCheck
            | RouterSwitch
            | AssistantList
            | AssistantCreate
            | AssistantRead
            | AssistantUpdate
            | AssistantDelete
            | AssistantCheck
            | AssistantSwitch
            | ToolList
            | ToolCreate
            | ToolUpdate
            | ToolDelete
            | ToolTest
            | ToolCheck
            | ToolSwitch
            | ResourceAccessRead
            | ApiKeyList
            | ApiKeyRead
            | ApiKeyFind
            | ApiKeyLeakNotice
            | ApiKeyVerify
            | UsageImport
            | UsageTraces
            | UsageRead
            | UsageReadOwn
            | UsageCalls
            | UsageCallsOwn
            | UsageCallPoints
            | UsageCallPointsOwn
            | UsageViewList
            | UsageViewCreate
            | UsageViewDelete
            | DefaultsRead
            | DefaultsUpdate
            | HierarchyRead
            | ContentImport
            | ChangeUndo => FreshSignIn::Never,
        }
    }
}

/// Where the API lives.
pub const API_ROOT: &str = "/api/v1";

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn ids_and_routes_are_unique() {
        let ids: HashSet<_> = Operation::ALL.iter().map(|operation| operation.id()).collect();
        let routes: HashSet<_> = Operation::ALL.iter().map(|o| (o.method(), o.path())).collect();
        assert_eq!(ids.len(), Operation::ALL.len());
        assert_eq!(routes.len(), Operation::ALL.len());
    }

    #[test]
    fn a_permission_is_asked_exactly_where_the_path_names_an_organization() {
        for operation in Operation::ALL {
            let names_one = operation.path().contains("{organization_id}");
            let asks = matches!(operation.access(), Access::Member(_) | Access::Resource(..) | Access::Space(..));
            assert_eq!(names_one, asks, "{}", operation.id());
            let names_space = operation.path().contains("{space_id}");
            assert_eq!(names_space, matches!(operation.access(), Access::Space(..)), "{}", operation.id());
        }
    }
}
