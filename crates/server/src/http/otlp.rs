//! OTLP/HTTP: exporters send JSON or protocol buffers, and read the answer, a refusal too, in what they sent.

use super::answer::Answer;
use super::call::Incoming;
use super::media;
use crate::App;
use crate::error::{Error, Result};
use crate::service::Member;
use crate::usage::otlp::{self, wire, wire::Encoding};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;

/// Takes the spans of an export request.
///
/// # Errors
/// `unsupported-media-type` for another encoding, `malformed` for JSON that is no export request; what is wrong with
/// protocol buffers is answered as they write it.
pub async fn traces(app: &App, member: &Member, call: &Incoming) -> Result<Answer> {
    let encoding = media::span_encoding(&call.headers)?;
    let taken = async {
        let spans = match encoding {
            Encoding::Json => wire::json(call.json_bytes()?)?,
            Encoding::Protobuf => wire::protobuf(&call.body)?,
        };
        otlp::import(app, member, &spans).await
    };
    match taken.await {
        Ok((rejected, message)) => Ok(written(encoding, StatusCode::OK, wire::answer(encoding, rejected, &message))),
        Err(Error::Refused(refusal)) if encoding == Encoding::Protobuf && refusal.kind.status() == 400 => {
            let message = refusal.detail.unwrap_or_else(|| refusal.kind.as_str().to_owned());
            Ok(written(encoding, StatusCode::BAD_REQUEST, wire::refusal(&message)))
        }
        Err(error) => Err(error),
    }
}

fn written(encoding: Encoding, status: StatusCode, body: Vec<u8>) -> Answer {
    let kind = match encoding {
        Encoding::Json => "application/json",
        Encoding::Protobuf => media::PROTOBUF,
    };
    Answer::stream((status, [(header::CONTENT_TYPE, kind)], body).into_response())
}
