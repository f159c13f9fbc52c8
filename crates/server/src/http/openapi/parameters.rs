//! The parameters of an operation: in the path, behind the `?`, in headers.

use super::reference;
use pulze_contract::access::ACCESS_PAGE_MAX;
use pulze_contract::mail::MAILS_MAX;
use pulze_contract::member::{self, MemberSort, MemberStatus};
use pulze_contract::operation::Guard;
use pulze_contract::table::TableFormat;
use pulze_contract::{
    AccessTemplateId, ApiKeyId, AssistantId, AuditEventId, InvitationId, Operation, OrganizationId, ResourceKind, Role, RouterId,
    SessionId, SpaceId, UsageViewId, UserId, usage,
};
use schemars::SchemaGenerator;
use serde_json::{Value, json};

pub fn of(operation: Operation, schemas: &mut SchemaGenerator) -> Vec<Value> {
    let parts: Vec<&str> = operation.path().split(['{', '}']).skip(1).step_by(2).collect();
    let mut parameters: Vec<Value> = Vec::new();
    for name in parts {
        let schema = in_path(name, schemas);
        parameters.push(json!({ "name": name, "in": "path", "required": true, "schema": schema }));
    }
    for name in query(operation) {
        let schema = behind(operation, name, schemas);
        parameters.push(json!({ "name": name, "in": "query", "required": false, "schema": schema }));
    }
    let tag = |description: &str| json!({ "type": "string", "description": description });
    let schema = |name: &str| match (name, operation.guard()) {
        ("If-Match", Guard::IfMatchAndIdempotencyKey) => tag("The entity tag that was read."),
        ("If-Match", _) => tag("The entity tag that was read, or `*`."),
        _ => json!({ "type": "string", "minLength": 8, "maxLength": 64, "pattern": "^[A-Za-z0-9_-]+$" }),
    };
    let header = |name: &&str| json!({ "name": name, "in": "header", "required": true, "schema": schema(name) });
    parameters.extend(operation.guard().headers().iter().map(header));
    parameters
}

fn in_path(name: &str, schemas: &mut SchemaGenerator) -> Value {
    match name {
        "organization_id" => reference::<OrganizationId>(schemas),
        "user_id" => reference::<UserId>(schemas),
        "space_id" => reference::<SpaceId>(schemas),
        "session_id" => reference::<SessionId>(schemas),
        "invitation_id" => reference::<InvitationId>(schemas),
        "template_id" => reference::<AccessTemplateId>(schemas),
        "router_id" => reference::<RouterId>(schemas),
        "assistant_id" => reference::<AssistantId>(schemas),
        "key_id" => reference::<ApiKeyId>(schemas),
        "event_id" => reference::<AuditEventId>(schemas),
        "view_id" => reference::<UsageViewId>(schemas),
        "resource_kind" => reference::<ResourceKind>(schemas),
        _ => json!({ "type": "string" }),
    }
}

fn behind(operation: Operation, name: &str, schemas: &mut SchemaGenerator) -> Value {
    let most = match operation {
        Operation::AccessList => ACCESS_PAGE_MAX,
        Operation::MailList => MAILS_MAX,
        _ => member::PAGE_MAX,
    };
    match name {
        "offset" => json!({ "type": "integer", "minimum": 0, "default": 0 }),
        // More than the most is answered as the most.
        "limit" => json!({ "type": "integer", "minimum": 1, "maximum": most, "default": most }),
        "hours" => json!({ "type": "integer", "enum": pulze_contract::api_key::EVIDENCE_HOURS }),
        "failed" => json!({ "type": "boolean", "default": false }),
        "format" => {
            let mut formats = TableFormat::ALL.map(TableFormat::as_str).to_vec();
            if operation == Operation::UsageExport {
                formats.push("json");
            }
            json!({ "type": "string", "enum": formats, "default": TableFormat::default().as_str() })
        }
        "role" => reference::<Role>(schemas),
        "status" => json!({ "type": "string", "enum": MemberStatus::ALL.map(MemberStatus::as_str) }),
        "sort" => {
            let names = MemberSort::ALL.map(MemberSort::as_str);
            let both: Vec<String> = names.iter().flat_map(|name| [(*name).to_owned(), format!("-{name}")]).collect();
            json!({ "type": "string", "enum": both, "description": "With `-` in front: descending." })
        }
        "search" => json!({ "type": "string", "maxLength": 200 }),
        _ => json!({ "type": "string" }),
    }
}

/// The names of the parameters that may follow the `?`.
fn query(operation: Operation) -> Vec<&'static str> {
    let filters = member::MemberQuery::PARAMETERS.to_vec();
    let question = || usage::UsageQuery::PARAMETERS.to_vec();
    match operation {
        Operation::MemberList | Operation::AccessList => [filters, vec!["offset", "limit"]].concat(),
        Operation::MemberExport => [filters, vec!["format"]].concat(),
        Operation::MailList => vec!["limit"],
        Operation::UsageRead | Operation::UsageReadOwn => question(),
        Operation::UsageExport => [question(), vec!["format"]].concat(),
        Operation::UsageCalls | Operation::UsageCallsOwn => [question(), vec!["failed", "after"]].concat(),
        Operation::UsageCallPoints | Operation::UsageCallPointsOwn => [question(), vec!["failed"]].concat(),
        Operation::ApiKeyEvidence => vec!["hours"],
        _ => Vec::new(),
    }
}
