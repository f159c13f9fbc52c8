//! The OpenAPI 3.1 document, read off the operation table and the contract's types.

mod parameters;
mod problems;

use crate::App;
use crate::usage::export;
use axum::Json;
use axum::extract::State;
use pulze_contract::operation::{API_ROOT, Access, FreshSignIn};
use pulze_contract::{
    Operation, Problem, access, access_template, account, api_key, assistant, availability, hierarchy, image, invitation, live,
    mail, member, model, organization, policy, resource, router, session, space, tool, usage,
};
use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

/// Serves the document.
pub async fn document(State(app): State<App>) -> Json<Value> {
    Json(build(app.config.cookie_name()))
}

/// The whole document; the session's cookie has another name where people come by https.
pub fn build(cookie: &str) -> Value {
    let mut schemas =
        SchemaSettings::draft2020_12().with(|settings| settings.definitions_path = "/components/schemas".into()).into_generator();
    let problem = reference::<Problem>(&mut schemas);
    let mut responses = problems::Responses::default();
    let mut paths: Map<String, Value> = Map::new();
    for &operation in Operation::ALL {
        let method = operation.method().as_str().to_lowercase();
        let item = paths.entry(format!("{API_ROOT}{}", operation.path())).or_insert_with(|| json!({}));
        item[method] = describe(operation, &mut schemas, &mut responses);
    }
    let mut definitions: Value = schemas.take_definitions(true).into();
    name_bounds(&mut definitions);
    json!({
        "openapi": "3.1.0",
        "info": { "title": "Pulze console", "version": env!("CARGO_PKG_VERSION") },
        "paths": paths,
        "components": {
            "schemas": definitions,
            "responses": responses.components(&problem),
            "securitySchemes": { "session": { "type": "apiKey", "in": "cookie", "name": cookie }, "key": { "type": "http", "scheme": "bearer" } },
        },
    })
}

fn describe(operation: Operation, schemas: &mut SchemaGenerator, responses: &mut problems::Responses) -> Value {
    let (request, response) = bodies(operation, schemas);
    let parameters = parameters::of(operation, schemas);
    let success = match response {
        Some(schema) if operation == Operation::UsageTraces => json!({ "description": "Success", "content": spans(&schema) }),
        Some(schema) => json!({ "description": "Success", "content": { "application/json": { "schema": schema } } }),
        None if operation == Operation::MemberExport => {
            json!({ "description": "Success", "content": { "text/csv": { "schema": { "type": "string" } } } })
        }
        None if operation == Operation::UsageExport => json!({ "description": "Success", "content": {
            "text/csv": { "schema": { "type": "string" } },
            "application/json": { "schema": reference::<export::File>(schemas) },
        } }),
        None => json!({ "description": "Success" }),
    };
    let mut description = json!({
        "operationId": operation.id(),
        "summary": operation.summary(),
        "parameters": parameters,
    });
    let mut answers = responses.of(operation);
    answers.insert(operation.success().to_string(), success);
    description["responses"] = answers.into();
    if let Some(schema) = request {
        let content = match operation {
            Operation::UsageTraces => spans(&schema),
            _ => json!({ "application/json": { "schema": schema } }),
        };
        description["requestBody"] = json!({ "required": true, "content": content });
    }
    match operation.access() {
        Access::Public => description["security"] = json!([]),
        Access::SignedIn => description["security"] = json!([{ "session": [] }]),
        Access::Installation => {
            description["security"] = json!([{ "session": [] }]);
            description["x-installation"] = json!(true);
        }
        Access::Member(permission) => {
            description["security"] = json!([{ "session": [] }]);
            description["x-permission"] = json!(permission.as_str());
        }
        Access::Resource(permission, level) => {
            description["security"] = json!([{ "session": [] }]);
            description["x-permission"] = json!(permission.as_str());
            description["x-level"] = json!(level.as_str());
        }
        Access::Space(permission, in_space) => {
            description["security"] = json!([{ "session": [] }]);
            description["x-permission"] = json!(permission.as_str());
            description["x-space-permission"] = json!(in_space.as_str());
        }
    }
    match operation.fresh_sign_in() {
        FreshSignIn::Never => {}
        FreshSignIn::Always => description["x-fresh-sign-in"] = json!("always"),
        FreshSignIn::WhenItRaises => description["x-fresh-sign-in"] = json!("when_it_raises"),
    }
    if let Some((scope, level)) = api_key::asked_of_a_key(operation) {
        description["security"] = json!([{ "session": [] }, { "key": [format!("{}:{}", scope.as_str(), level.as_str())] }]);
    }
    description
}

/// Both encodings of OTLP/HTTP.
fn spans(schema: &Value) -> Value {
    json!({ "application/json": { "schema": schema }, "application/x-protobuf": { "schema": { "type": "string", "format": "binary" } } })
}

/// The types of an operation's request and answer.
fn bodies(operation: Operation, schemas: &mut SchemaGenerator) -> (Option<Value>, Option<Value>) {
    use Operation::*;
    let request = match operation {
        SessionCreate => Some(reference::<session::SessionCreate>(schemas)),
        SessionConfirm => Some(reference::<account::SessionConfirm>(schemas)),
        AccountUpdate => Some(reference::<account::AccountUpdate>(schemas)),
        PasswordUpdate => Some(reference::<account::PasswordUpdate>(schemas)),
        ProviderBegin => Some(reference::<session::ProviderBegin>(schemas)),
        ImageFetch => Some(reference::<image::ImageFetch>(schemas)),
        // A file as it is.
        ImageUpload => Some(json!({ "type": "string", "format": "binary" })),
        SessionList
        | SessionsEndOthers
        | SessionEnd
        | AccountRead
        | EmailVerificationCreate
        | IdentityDelete
        | OrganizationEvents => None,
        OrganizationCreate => Some(reference::<organization::OrganizationCreate>(schemas)),
        OrganizationUpdate => Some(reference::<organization::OrganizationUpdate>(schemas)),
        OrganizationDelete => Some(reference::<organization::OrganizationDelete>(schemas)),
        MemberUpdate => Some(reference::<member::MemberUpdate>(schemas)),
        MemberDelete => Some(reference::<member::MemberDelete>(schemas)),
        SpaceCreate => Some(reference::<space::SpaceCreate>(schemas)),
        SpaceUpdate => Some(reference::<space::SpaceUpdate>(schemas)),
        SpaceDelete => Some(reference::<space::SpaceDelete>(schemas)),
        SpaceMembersUpdate => Some(reference::<space::SpaceMembersUpdate>(schemas)),
        InvitationCheck => Some(reference::<invitation::InvitationCheck>(schemas)),
        InvitationCreate => Some(reference::<invitation::InvitationCreate>(schemas)),
        InvitationUpdate => Some(reference::<invitation::InvitationUpdate>(schemas)),
        EmailVerify => Some(reference::<account::EmailVerify>(schemas)),
        InvitationOpen | InvitationSeen | InvitationDecline => Some(reference::<invitation::InvitationSecret>(schemas)),
        InvitationAccept => Some(reference::<invitation::InvitationAccept>(schemas)),
        AccessTemplateCreate | AccessTemplateUpdate => Some(reference::<access_template::AccessTemplateContent>(schemas)),
        AccessUpdate => Some(reference::<access::AccessUpdate>(schemas)),
        ModelCheck | ModelUpdate | RouterCheck | RouterSwitch | AssistantCheck | AssistantSwitch | ToolCheck | ToolSwitch => {
            Some(reference::<availability::Switch>(schemas))
        }
        ApiKeyCreate => Some(reference::<api_key::ApiKeyContent>(schemas)),
        ApiKeyUpdate => Some(reference::<api_key::ApiKeyUpdate>(schemas)),
        ApiKeyRotate => Some(reference::<api_key::ApiKeyRotate>(schemas)),
        ApiKeysChange => Some(reference::<api_key::ApiKeysChange>(schemas)),
        ApiKeyPolicyUpdate => Some(reference::<api_key::ApiKeyPolicy>(schemas)),
        ApiKeyVerify => Some(reference::<api_key::KeyVerify>(schemas)),
        ApiKeyFind => Some(reference::<api_key::ApiKeyFind>(schemas)),
        ApiKeyLeakNotice => Some(reference::<api_key::LeakNotice>(schemas)),
        ApiKeyList | ApiKeyRead | ApiKeyEvidence => None,
        AssistantCreate => Some(reference::<assistant::AssistantContent>(schemas)),
        AssistantUpdate => Some(reference::<assistant::AssistantUpdate>(schemas)),
        ToolCreate => Some(reference::<tool::ToolCreate>(schemas)),
        ToolUpdate => Some(reference::<tool::ToolUpdate>(schemas)),
        ResourceAccessUpdate => Some(reference::<resource::ResourceAccessUpdate>(schemas)),
        AssistantList | AssistantRead | AssistantDelete | ToolList | ToolDelete | ToolTest | ResourceAccessRead => None,
        UsageImport => Some(reference::<usage::UsageImport>(schemas)),
        // An export request of OpenTelemetry: described there.
        UsageTraces => Some(json!({
            "type": "object",
            "required": ["resourceSpans"],
            "properties": { "resourceSpans": { "type": "array", "items": { "type": "object" } } },
        })),
        UsageViewCreate => Some(reference::<usage::UsageViewCreate>(schemas)),
        UsageRead | UsageReadOwn | UsageExport | UsageCalls | UsageCallsOwn | UsageCallPoints | UsageCallPointsOwn
        | UsageViewList | UsageViewDelete => None,
        ModelCreate => Some(reference::<model::ModelCreate>(schemas)),
        RouterCreate => Some(reference::<router::RouterContent>(schemas)),
        RouterUpdate => Some(reference::<router::RouterUpdate>(schemas)),
        DefaultsUpdate => Some(reference::<policy::DefaultsUpdate>(schemas)),
        SpaceSettingsUpdate => Some(reference::<policy::SpaceSettingUpdate>(schemas)),
        ContentImport => Some(reference::<hierarchy::ContentImport>(schemas)),
        ModelList | ModelDelete | RouterList | DefaultsRead | ChangeUndo | EffectivePolicyRead | HierarchyRead => None,
        InvitationLink
        | ReceivedInvitationAccept
        | ReceivedInvitationDecline
        | AccessTemplateList
        | AccessTemplateDelete
        | AccessList
        | MailList => None,
        InvitationRead | InvitationResend | InvitationDelete | MemberRead | MemberExport | SpaceList | SpaceRead
        | SpaceMemberList => None,
        SessionRead | SessionDelete | OrganizationList | OrganizationRead | MembershipDelete | MemberList => None,
    };
    let response = match operation {
        SessionRead | SessionCreate | InvitationAccept => Some(reference::<session::Session>(schemas)),
        SessionDelete => Some(reference::<session::SignedOut>(schemas)),
        SessionList => Some(reference::<account::SessionList>(schemas)),
        AccountRead | AccountUpdate => Some(reference::<account::Account>(schemas)),
        EmailVerificationCreate => Some(reference::<account::EmailVerificationCreated>(schemas)),
        ProviderBegin => Some(reference::<session::ProviderBegun>(schemas)),
        ImageFetch | ImageUpload => Some(reference::<image::KeptImage>(schemas)),
        // A stream of these.
        OrganizationEvents => Some(reference::<live::LiveEvent>(schemas)),
        SessionConfirm | SessionsEndOthers | SessionEnd | PasswordUpdate | IdentityDelete | EmailVerify => None,
        OrganizationList => Some(reference::<organization::OrganizationList>(schemas)),
        OrganizationCreate | OrganizationRead | OrganizationUpdate => Some(reference::<organization::Organization>(schemas)),
        MemberList => Some(reference::<member::MemberList>(schemas)),
        MemberRead => Some(reference::<member::MemberDetails>(schemas)),
        MemberUpdate => Some(reference::<member::MemberUpdated>(schemas)),
        InvitationCheck | InvitationCreate => Some(reference::<invitation::Receipts>(schemas)),
        InvitationRead => Some(reference::<invitation::Invitation>(schemas)),
        InvitationLink => Some(reference::<invitation::InvitationLink>(schemas)),
        ReceivedInvitationAccept => Some(reference::<session::Session>(schemas)),
        AccessTemplateList => Some(reference::<access_template::AccessTemplateList>(schemas)),
        AccessTemplateCreate | AccessTemplateUpdate => Some(reference::<access_template::AccessTemplate>(schemas)),
        AccessList => Some(reference::<access::AccessList>(schemas)),
        AccessUpdate => Some(reference::<access::AccessUpdated>(schemas)),
        MailList => Some(reference::<mail::MailList>(schemas)),
        ModelList => Some(reference::<model::ModelList>(schemas)),
        ModelCreate => Some(reference::<model::Model>(schemas)),
        ModelCheck | RouterCheck | AssistantCheck | ToolCheck => Some(reference::<availability::Impact>(schemas)),
        ApiKeyList | ApiKeysChange => Some(reference::<api_key::ApiKeyList>(schemas)),
        ApiKeyCreate | ApiKeyRotate => Some(reference::<api_key::ApiKeyCreated>(schemas)),
        ApiKeyRead => Some(reference::<api_key::ApiKeyDetails>(schemas)),
        ApiKeyUpdate => Some(reference::<api_key::ApiKey>(schemas)),
        ApiKeyPolicyUpdate => Some(reference::<api_key::ApiKeyPolicy>(schemas)),
        ApiKeyVerify => Some(reference::<api_key::KeyVerified>(schemas)),
        ApiKeyFind => Some(reference::<api_key::ApiKeyFound>(schemas)),
        ApiKeyEvidence => Some(reference::<api_key::ApiKeyEvidence>(schemas)),
        ApiKeyLeakNotice => Some(reference::<api_key::LeakNoticed>(schemas)),
        UsageImport => Some(reference::<usage::UsageReceipt>(schemas)),
        UsageTraces => Some(json!({ "type": "object" })),
        UsageRead | UsageReadOwn => Some(reference::<usage::Usage>(schemas)),
        UsageCalls | UsageCallsOwn => Some(reference::<usage::CallList>(schemas)),
        UsageCallPoints | UsageCallPointsOwn => Some(reference::<usage::CallPoints>(schemas)),
        UsageViewList => Some(reference::<usage::UsageViewList>(schemas)),
        UsageViewCreate => Some(reference::<usage::UsageView>(schemas)),
        UsageViewDelete => None,
        AssistantList => Some(reference::<assistant::AssistantList>(schemas)),
        AssistantRead | AssistantCreate | AssistantUpdate => Some(reference::<assistant::Assistant>(schemas)),
        ToolList => Some(reference::<tool::ToolList>(schemas)),
        ToolCreate | ToolUpdate => Some(reference::<tool::Tool>(schemas)),
        ToolTest => Some(reference::<tool::ToolTested>(schemas)),
        ResourceAccessRead => Some(reference::<resource::ResourceAccess>(schemas)),
        ModelUpdate | RouterSwitch | AssistantSwitch | ToolSwitch | DefaultsUpdate | ResourceAccessUpdate => {
            Some(reference::<availability::Changed>(schemas))
        }
        RouterList => Some(reference::<router::RouterList>(schemas)),
        RouterCreate | RouterUpdate => Some(reference::<router::Router>(schemas)),
        DefaultsRead => Some(reference::<policy::Defaults>(schemas)),
        SpaceSettingsUpdate | EffectivePolicyRead => Some(reference::<policy::EffectivePolicy>(schemas)),
        HierarchyRead => Some(reference::<hierarchy::Hierarchy>(schemas)),
        ModelDelete | AssistantDelete | ToolDelete | ChangeUndo | ContentImport => None,
        ReceivedInvitationDecline | AccessTemplateDelete => None,
        InvitationResend => Some(reference::<invitation::InvitationSent>(schemas)),
        InvitationOpen => Some(reference::<invitation::InvitationOpened>(schemas)),
        InvitationUpdate | InvitationDelete | InvitationSeen | InvitationDecline => None,
        SpaceList => Some(reference::<space::SpaceList>(schemas)),
        SpaceCreate | SpaceRead | SpaceUpdate => Some(reference::<space::Space>(schemas)),
        SpaceMemberList | SpaceMembersUpdate => Some(reference::<space::SpaceMemberList>(schemas)),
        // A file, described beside.
        MemberExport | UsageExport => None,
        OrganizationDelete | MembershipDelete | MemberDelete | SpaceDelete => None,
    };
    (request, response)
}

/// Says of whole numbers how large they may be, where the size of their type says it: `format` is only a hint.
fn name_bounds(schema: &mut Value) {
    match schema {
        Value::Array(parts) => parts.iter_mut().for_each(name_bounds),
        Value::Object(parts) => {
            let bounds = match parts.get("format").and_then(Value::as_str) {
                Some("uint32") => Some((json!(0), json!(u32::MAX))),
                Some("uint64") => Some((json!(0), json!(u64::MAX))),
                Some("int64") => Some((json!(i64::MIN), json!(i64::MAX))),
                Some("uint16") => Some((json!(0), json!(u16::MAX))),
                Some("uint8") => Some((json!(0), json!(u8::MAX))),
                _ => None,
            };
            if let Some((least, most)) = bounds {
                parts.entry("minimum").or_insert(least);
                parts.entry("maximum").or_insert(most);
            }
            parts.values_mut().for_each(name_bounds);
        }
        _ => {}
    }
}

fn reference<T: JsonSchema>(schemas: &mut SchemaGenerator) -> Value {
    schemas.subschema_for::<T>().into()
}
