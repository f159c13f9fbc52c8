//! What no route answers: unknown addresses, and methods that an address does not have.

use super::answer::problem;
use super::call::RequestId;
use crate::error::Error;
use axum::Extension;
use axum::http::{Method, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use pulze_contract::operation::API_ROOT;
use pulze_contract::{Operation, ProblemType};

/// An address of the API that is none. One that only has slashes too many is told so; it is not redirected, because
/// clients drop their credentials or their body on the way.
pub async fn address(Extension(request_id): Extension<RequestId>, uri: Uri) -> Response {
    let meant = without_empty_parts(uri.path());
    let error = if meant != uri.path() && is_known(&meant) {
        Error::because(ProblemType::ExtraSlash, format!("Use {meant}"))
    } else {
        ProblemType::NotFound.into()
    };
    problem(&error, &request_id.0)
}

/// A method that the address does not have. `OPTIONS` asks which ones it has; the router says so in `Allow`. No other
/// origin is allowed anything, so a preflight gets nothing else.
pub async fn method(Extension(request_id): Extension<RequestId>, method: Method) -> Response {
    if method == Method::OPTIONS {
        return StatusCode::NO_CONTENT.into_response();
    }
    problem(&ProblemType::MethodNotAllowed.into(), &request_id.0)
}

fn without_empty_parts(path: &str) -> String {
    path.split('/').filter(|part| !part.is_empty()).flat_map(|part| ["/", part]).collect()
}

/// Whether an operation has this address, by whatever method.
fn is_known(path: &str) -> bool {
    let Some(path) = path.strip_prefix(API_ROOT) else { return false };
    let fits = |route: &str| {
        let (mut wanted, mut parts) = (route.split('/'), path.split('/'));
        loop {
            match (wanted.next(), parts.next()) {
                (None, None) => return true,
                (Some(wanted), Some(part)) if wanted == part || wanted.starts_with('{') => {}
                _ => return false,
            }
        }
    };
    Operation::ALL.iter().any(|operation| fits(operation.path()))
}
