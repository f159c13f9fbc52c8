//! Which problems an operation can answer: what the gate refuses by what the operation asks, and what its own rules refuse.

use crate::http::answer::title;
use pulze_contract::api_key::asked_of_a_key;
use pulze_contract::operation::{Access, FreshSignIn, Guard, Method};
use pulze_contract::{Operation, Permission, ProblemType};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The problems, each once.
pub fn of(operation: Operation) -> Vec<ProblemType> {
    use ProblemType::*;
    // Of every request: a header or a parameter that comes twice, and text that cannot be kept.
    let mut all = vec![Malformed, Invalid, HeadersTooLarge, Internal, Unavailable];
    if operation.method() != Method::Get {
        all.push(CrossOrigin);
    }
    match operation.access() {
        Access::Public => {}
        Access::SignedIn => all.extend([SignedOut, Forbidden]),
        Access::Installation | Access::Member(_) | Access::Resource(..) | Access::Space(..) => {
            all.extend([SignedOut, Forbidden, NotFound]);
        }
    }
    if operation.path().contains('{') {
        all.push(NotFound);
    }
    if asked_of_a_key(operation).is_some() || operation.method() != Method::Get {
        all.push(TooManyRequests);
    }
    if operation.fresh_sign_in() != FreshSignIn::Never {
        all.push(FreshSignInRequired);
    }
    if operation.body_max() > 0 {
        all.extend([RequestTimeout, TooLarge, UnsupportedMediaType]);
    }
    match operation.guard() {
        Guard::None => {}
        Guard::IfMatch => all.extend([Conflict, PreconditionRequired]),
        Guard::IdempotencyKey => all.push(KeyReused),
        Guard::IfMatchAndIdempotencyKey => all.extend([Conflict, PreconditionRequired, KeyReused]),
    }
    all.extend(own(operation));
    let mut once: Vec<ProblemType> = Vec::new();
    for kind in all {
        if !once.contains(&kind) {
            once.push(kind);
        }
    }
    once
}

/// What an operation's own rules refuse.
fn own(operation: Operation) -> Vec<ProblemType> {
    use ProblemType::*;
    let keys = [Permission::ApiKeysRead, Permission::ApiKeysCreate, Permission::ApiKeysRotate, Permission::ApiKeysRevoke];
    let mut own = if operation.permission().is_some_and(|asked| keys.contains(&asked)) { vec![PlanRequired] } else { Vec::new() };
    own.extend_from_slice(match operation {
        Operation::SessionCreate | Operation::SessionConfirm => &[WrongCredentials],
        Operation::PasswordUpdate => &[WrongCredentials],
        Operation::ProviderBegin => &[SignedOut, NotFound, ProviderUnavailable],
        Operation::InvitationAccept => &[InvitationInvalid, SignedOut],
        Operation::EmailVerify => &[VerificationInvalid],
        Operation::InvitationOpen
        | Operation::InvitationSeen
        | Operation::InvitationDecline
        | Operation::ReceivedInvitationAccept
        | Operation::ReceivedInvitationDecline => &[InvitationInvalid],
        Operation::InvitationResend | Operation::InvitationLink | Operation::InvitationUpdate => &[InvitationInvalid, NoSeat],
        Operation::IdentityDelete => &[InUse],
        Operation::OrganizationDelete => &[SubscriptionActive],
        Operation::MembershipDelete | Operation::MemberDelete | Operation::MemberUpdate => &[LastAdmin],
        Operation::ModelUpdate | Operation::RouterSwitch | Operation::AssistantSwitch | Operation::ToolSwitch => {
            &[BreaksNotAccepted]
        }
        Operation::ModelDelete | Operation::ToolDelete | Operation::RouterUpdate | Operation::ApiKeyRotate => &[InUse],
        Operation::ApiKeysChange => &[Conflict, PreconditionRequired],
        Operation::ChangeUndo => &[UndoExpired],
        _ => &[],
    });
    own
}

/// The responses of an operation by status, each a reference to one that [`Responses`] keeps.
#[derive(Default)]
pub struct Responses(BTreeMap<String, Vec<ProblemType>>);

impl Responses {
    pub fn of(&mut self, operation: Operation) -> Map<String, Value> {
        let mut by_status: BTreeMap<u16, Vec<ProblemType>> = BTreeMap::new();
        for kind in of(operation) {
            by_status.entry(kind.status()).or_default().push(kind);
        }
        let mut responses = Map::new();
        for (status, kinds) in by_status {
            let name = kinds.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(".");
            responses.insert(status.to_string(), json!({ "$ref": format!("#/components/responses/{name}") }));
            self.0.insert(name, kinds);
        }
        responses
    }

    /// What the references lead to.
    pub fn components(self, problem: &Value) -> Value {
        let mut components = Map::new();
        for (name, kinds) in self.0 {
            let sentences = kinds.iter().map(|kind| format!("`{}`: {}", kind.as_str(), title(*kind))).collect::<Vec<_>>();
            let mut response = json!({
                "description": sentences.join(" "),
                "content": { "application/problem+json": { "schema": problem } },
            });
            if kinds.iter().any(|kind| matches!(kind, ProblemType::TooManyRequests | ProblemType::Unavailable)) {
                response["headers"] = json!({ "Retry-After": { "description": "Seconds", "schema": { "type": "integer" } } });
            }
            components.insert(name, response);
        }
        components.into()
    }
}
