//! Answers: JSON, an entity tag, a cookie, or a problem document.

use crate::error::Error;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use pulze_contract::{Operation, Problem, ProblemType};
use serde::Serialize;

/// A success under construction.
pub struct Answer {
    status: StatusCode,
    body: Option<String>,
    headers: Vec<(HeaderName, String)>,
    /// In place of everything else: an answer that goes on.
    stream: Option<Response>,
}

impl Answer {
    pub fn empty() -> Self {
        Self { status: StatusCode::NO_CONTENT, body: None, headers: Vec::new(), stream: None }
    }

    /// # Errors
    /// The value cannot be written as JSON.
    pub fn json(value: &impl Serialize) -> Result<Self, Error> {
        let body = serde_json::to_string(value).map_err(|error| Error::Internal(error.to_string()))?;
        Ok(Self { status: StatusCode::OK, body: Some(body), headers: Vec::new(), stream: None })
    }

    /// What was made, now or by an earlier request with the same idempotency key.
    ///
    /// # Errors
    /// The value cannot be written as JSON.
    pub fn created(value: &impl Serialize, operation: Operation, replayed: bool) -> Result<Self, Error> {
        let answer = Self::json(value)?.status(operation.success());
        Ok(if replayed { answer.header(HeaderName::from_static("idempotent-replayed"), "true".to_owned()) } else { answer })
    }

    /// An answer that goes on.
    pub fn stream(response: Response) -> Self {
        Self { stream: Some(response), ..Self::empty() }
    }

    /// A file to keep, in a text format.
    pub fn file(content_type: &'static str, name: &str, text: String) -> Self {
        let answer = Self { status: StatusCode::OK, body: Some(text), headers: Vec::new(), stream: None };
        answer
            .header(header::CONTENT_TYPE, content_type.to_owned())
            .header(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))
    }

    pub fn status(mut self, status: u16) -> Self {
        self.status = StatusCode::from_u16(status).unwrap_or(StatusCode::OK);
        self
    }

    pub fn header(mut self, name: HeaderName, value: String) -> Self {
        self.headers.push((name, value));
        self
    }

    pub fn entity_tag(self, version: i64) -> Self {
        self.header(header::ETAG, format!("\"{version}\""))
    }
}

impl IntoResponse for Answer {
    fn into_response(self) -> Response {
        if let Some(response) = self.stream {
            return response;
        }
        let mut response = match self.body {
            Some(body) => ([(header::CONTENT_TYPE, "application/json")], body).into_response(),
            None => ().into_response(),
        };
        *response.status_mut() = self.status;
        for (name, value) in self.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                // An answer without a type of its own is JSON.
                if name == header::CONTENT_TYPE {
                    response.headers_mut().insert(name, value);
                } else {
                    response.headers_mut().append(name, value);
                }
            }
        }
        response
    }
}

/// An error as a problem document. What went wrong inside is logged, never answered.
pub fn problem(error: &Error, request_id: &str) -> Response {
    let mut body = Problem {
        kind: ProblemType::Internal,
        status: 500,
        title: String::new(),
        detail: None,
        errors: Vec::new(),
        retry_after_seconds: None,
        conflict: None,
        request_id: request_id.to_owned(),
    };
    match error {
        Error::Refused(refusal) => {
            body.kind = refusal.kind;
            body.errors.clone_from(&refusal.errors);
            body.retry_after_seconds = refusal.retry_after_seconds;
            body.conflict.clone_from(&refusal.conflict);
            body.detail.clone_from(&refusal.detail);
        }
        Error::Database(_) | Error::Internal(_) => tracing::error!(request_id, %error, "request failed"),
    }
    body.status = body.kind.status();
    title(body.kind).clone_into(&mut body.title);
    let status = StatusCode::from_u16(body.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let text = serde_json::to_string(&body).unwrap_or_default();
    let mut response = (status, [(header::CONTENT_TYPE, "application/problem+json")], text).into_response();
    if let Some(seconds) = body.retry_after_seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Error::Refused(refusal) = error
        && let Some((name, value)) = &refusal.header
    {
        response.headers_mut().insert(name, value.clone());
    }
    response
}

/// One sentence for logs and integrators.
pub fn title(kind: ProblemType) -> &'static str {
    match kind {
        ProblemType::Malformed => "The request could not be understood.",
        ProblemType::SignedOut => "Nobody is signed in.",
        ProblemType::WrongCredentials => "Email and password do not belong together.",
        ProblemType::CrossOrigin => "Requests from other sites are refused.",
        ProblemType::FreshSignInRequired => "Prove again who you are first.",
        ProblemType::ProviderUnavailable => "The service to sign in by does not answer.",
        ProblemType::Forbidden => "Your role does not allow this.",
        ProblemType::NotFound => "There is nothing here.",
        ProblemType::ExtraSlash => "The address has a slash too many; remove it.",
        ProblemType::RequestTimeout => "The body did not arrive in time.",
        ProblemType::HeadersTooLarge => "The headers are too large.",
        ProblemType::MethodNotAllowed => "This method is not available here.",
        ProblemType::LastAdmin => "An organization keeps at least one admin whose role has no end.",
        ProblemType::NoSeat => "Every seat of the organization is taken.",
        ProblemType::InvitationInvalid => "The invitation can no longer be answered.",
        ProblemType::InviterGone => "Whoever invited can no longer grant this; ask for a new invitation.",
        ProblemType::AddressUnverified => "Verify the address of the account first.",
        ProblemType::VerificationInvalid => "The link to verify an address is no longer good, or is for another account.",
        ProblemType::PlanRequired => "The organization's plan does not have this.",
        ProblemType::SubscriptionActive => "A paid plan still runs for this organization.",
        ProblemType::Conflict => "Somebody saved in between.",
        ProblemType::TooLarge => "The request is too large.",
        ProblemType::UnsupportedMediaType => "The type or the coding of the body is not taken here.",
        ProblemType::Invalid => "Some fields are not valid.",
        ProblemType::KeyReused => "This idempotency key was used for another request.",
        ProblemType::PreconditionRequired => "If-Match is required.",
        ProblemType::TooManyRequests => "Too many attempts; try again later.",
        ProblemType::Internal => "The server made a mistake.",
        ProblemType::InUse => "Something still names it.",
        ProblemType::BreaksNotAccepted => "Something would break without a sound; accept that, or name a replacement.",
        ProblemType::UndoExpired => "It is too late to undo this, or something else was changed since.",
        ProblemType::Unavailable => "The server is too busy, or its database does not answer.",
    }
}
