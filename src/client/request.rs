//! A request of the contract, sent by fetch.

use super::{ClientError, Result, interruption};
use crate::paths;
use gloo_net::http::{Method, RequestBuilder, Response};
use pulze_contract::operation::{API_ROOT, Method as ContractMethod};
use pulze_contract::{AccessTemplateId, InvitationId, Operation, OrganizationId, Problem, SpaceId, UserId};
use serde::Serialize;
use serde::de::DeserializeOwned;

pub struct Request {
    operation: Operation,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Option<String>,
    /// In place of a body: as it is.
    file: Option<web_sys::File>,
}

/// A session may end and the proof grow old during one request; more often something is wrong.
const MOST_INTERRUPTIONS: u32 = 2;

impl Request {
    pub fn new(operation: Operation) -> Self {
        Self { operation, path: format!("{API_ROOT}{}", operation.path()), headers: Vec::new(), body: None, file: None }
    }

    pub fn organization(mut self, id: &OrganizationId) -> Self {
        self.path = self.path.replace("{organization_id}", id.as_str());
        self
    }

    pub fn user(mut self, id: &UserId) -> Self {
        self.path = self.path.replace("{user_id}", id.as_str());
        self
    }

    pub fn invitation(mut self, id: &InvitationId) -> Self {
        self.path = self.path.replace("{invitation_id}", id.as_str());
        self
    }

    pub fn template(mut self, id: &AccessTemplateId) -> Self {
        self.path = self.path.replace("{template_id}", id.as_str());
        self
    }

    pub fn space(mut self, id: &SpaceId) -> Self {
        self.path = self.path.replace("{space_id}", id.as_str());
        self
    }

    /// A part of the path, by the parameter's name in braces.
    pub fn part(mut self, parameter: &str, value: &str) -> Self {
        self.path = self.path.replace(parameter, &paths::encode(value));
        self
    }

    pub fn query(mut self, pairs: &[(&str, String)]) -> Self {
        self.path.push_str(&paths::query(pairs));
        self
    }

    /// The address, for a link that the browser follows by itself.
    pub fn address(self) -> String {
        self.path
    }

    pub fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    pub fn body(mut self, body: &impl Serialize) -> Self {
        self.body = serde_json::to_string(body).ok();
        self.header("Content-Type", "application/json")
    }

    pub fn file(mut self, file: &web_sys::File) -> Self {
        self.file = Some(file.clone());
        self
    }

    pub async fn send<T: DeserializeOwned>(self) -> Result<T> {
        json(self.fetch().await?).await
    }

    /// The answer byte for byte: read as text, a file would lose its byte order mark.
    pub async fn send_bytes(self) -> Result<Vec<u8>> {
        self.fetch().await?.binary().await.map_err(|_| ClientError::Unreachable)
    }

    pub async fn send_empty(self) -> Result<()> {
        self.fetch().await.map(|_| ())
    }

    /// Sends it; where that is interrupted (signed out, or asked who one is), once more after the person went on.
    async fn fetch(self) -> Result<Response> {
        let mut answer = self.attempt().await;
        for _ in 0..MOST_INTERRUPTIONS {
            let interruption = answer.as_ref().err().and_then(ClientError::interruption);
            let Some(interruption) = interruption.filter(|_| self.may_be_interrupted()) else { break };
            if !interruption::ask(interruption).await {
                break;
            }
            answer = self.attempt().await;
        }
        answer
    }

    /// What itself says who is signed in is answered as it is.
    fn may_be_interrupted(&self) -> bool {
        !matches!(
            self.operation,
            Operation::SessionRead | Operation::SessionCreate | Operation::SessionDelete | Operation::SessionConfirm
        )
    }

    async fn attempt(&self) -> Result<Response> {
        let method = match self.operation.method() {
            ContractMethod::Get => Method::GET,
            ContractMethod::Post => Method::POST,
            ContractMethod::Patch => Method::PATCH,
            ContractMethod::Delete => Method::DELETE,
        };
        let mut builder = RequestBuilder::new(&self.path).method(method);
        for (name, value) in &self.headers {
            builder = builder.header(name, value);
        }
        let request = match (&self.body, &self.file) {
            (Some(body), _) => builder.body(body.clone()),
            (None, Some(file)) => builder.body(file.clone()),
            (None, None) => builder.build(),
        };
        let response = request.map_err(|_| ClientError::Unreachable)?.send().await.map_err(|_| ClientError::Unreachable)?;
        if response.ok() {
            return Ok(response);
        }
        Err(json::<Problem>(response).await.map_or(ClientError::Unreachable, |problem| ClientError::Refused(Box::new(problem))))
    }
}

async fn json<T: DeserializeOwned>(response: Response) -> Result<T> {
    let text = response.text().await.map_err(|_| ClientError::Unreachable)?;
    serde_json::from_str(&text).map_err(|_| ClientError::Unreachable)
}

/// A JSON file that is served beside the app.
pub async fn file<T: DeserializeOwned>(path: &str) -> Result<T> {
    json(RequestBuilder::new(path).send().await.map_err(|_| ClientError::Unreachable)?).await
}
