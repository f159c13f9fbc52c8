//! What a body is and how it is packed, as the headers say it (RFC 9110, 8.3 and 8.4).

use crate::error::{Error, Result};
use crate::usage::otlp::wire::Encoding;
use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderName, header};
use flate2::read::MultiGzDecoder;
use mime::Mime;
use pulze_contract::ProblemType;
use std::io::Read;

/// The one value of a header that must not come twice.
///
/// # Errors
/// `malformed` when it comes twice, or is no text.
pub fn single<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Result<Option<&'a str>> {
    let mut values = headers.get_all(name).into_iter();
    let Some(value) = values.next() else { return Ok(None) };
    let text = value.to_str().ok().filter(|_| values.next().is_none());
    text.map(Some).ok_or_else(|| Error::because(ProblemType::Malformed, format!("{name} must come once, in ASCII.")))
}

/// The type of the body; `None` where nothing says it.
///
/// # Errors
/// `malformed` for what is no media type.
pub fn content_type(headers: &HeaderMap) -> Result<Option<Mime>> {
    let Some(text) = single(headers, &header::CONTENT_TYPE)? else { return Ok(None) };
    let parsed = text.parse();
    parsed.map(Some).map_err(|_| Error::because(ProblemType::Malformed, "Content-Type is not a media type."))
}

/// Whether a type is this one, whatever its letters' case and its parameters. JSON is UTF-8 only (RFC 8259, 8.1).
fn is(kind: &Mime, wanted: &str) -> bool {
    let utf8 = kind.get_param(mime::CHARSET).is_none_or(|charset| charset == mime::UTF_8);
    kind.essence_str().eq_ignore_ascii_case(wanted) && utf8
}

/// # Errors
/// `unsupported-media-type` for every other type than JSON, and for none.
pub fn require_json(headers: &HeaderMap) -> Result<()> {
    if content_type(headers)?.is_some_and(|kind| is(&kind, "application/json")) {
        return Ok(());
    }
    let detail = "Send JSON in UTF-8 with Content-Type: application/json.";
    Err(Error::with_header(ProblemType::UnsupportedMediaType, detail, header::ACCEPT, "application/json"))
}

/// What exporters of OpenTelemetry send if nobody tells them otherwise.
pub const PROTOBUF: &str = "application/x-protobuf";

/// How an export request of OpenTelemetry is written.
///
/// # Errors
/// `unsupported-media-type` for every other type than the two of OTLP/HTTP, and for none.
pub fn span_encoding(headers: &HeaderMap) -> Result<Encoding> {
    let kind = content_type(headers)?;
    let said = |wanted| kind.as_ref().is_some_and(|kind| is(kind, wanted));
    if said("application/json") {
        return Ok(Encoding::Json);
    }
    if said(PROTOBUF) {
        return Ok(Encoding::Protobuf);
    }
    let detail = "Send application/json or application/x-protobuf (OTLP/HTTP).";
    let types = "application/json, application/x-protobuf";
    Err(Error::with_header(ProblemType::UnsupportedMediaType, detail, header::ACCEPT, types))
}

/// The body without its content coding: gzip, or none at all.
///
/// # Errors
/// `unsupported-media-type` for another coding or several; `malformed` for what is not gzip; `too-large` for what
/// unpacks to more than `most` bytes, of which no more are unpacked than that.
pub fn decoded(headers: &HeaderMap, body: Bytes, most: usize) -> Result<Bytes> {
    let lines = headers.get_all(header::CONTENT_ENCODING).into_iter().map(|value| value.to_str().unwrap_or("?"));
    let codings: Vec<&str> = lines
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|coding| !coding.is_empty() && !coding.eq_ignore_ascii_case("identity"))
        .collect();
    match codings[..] {
        [] => Ok(body),
        _ if body.is_empty() => Ok(body),
        // `x-gzip` is the same (RFC 9110, 8.4.1.3).
        [coding] if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") => gunzip(&body, most),
        _ => {
            let detail = "Content-Encoding must be gzip or absent.";
            Err(Error::with_header(ProblemType::UnsupportedMediaType, detail, header::ACCEPT_ENCODING, "gzip"))
        }
    }
}

fn gunzip(packed: &[u8], most: usize) -> Result<Bytes> {
    let mut plain = Vec::new();
    // One byte more than allowed shows that there is more.
    let limit = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    let read = MultiGzDecoder::new(packed).take(limit).read_to_end(&mut plain);
    read.map_err(|error| Error::because(ProblemType::Malformed, format!("The body is not valid gzip: {error}.")))?;
    if plain.len() > most { Err(ProblemType::TooLarge.into()) } else { Ok(plain.into()) }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;
    use flate2::{Compression, write::GzEncoder};
    use std::io::Write;

    fn headers(name: HeaderName, values: &[&'static str]) -> HeaderMap {
        values.iter().map(|value| (name.clone(), HeaderValue::from_static(value))).collect()
    }

    fn status<T>(result: Result<T>) -> u16 {
        match result {
            Ok(_) => 200,
            Err(Error::Refused(refusal)) => refusal.kind.status(),
            Err(_) => 500,
        }
    }

    fn gzip(plain: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(plain).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn json_by_its_type() {
        for good in [
            "application/json",
            "Application/JSON",
            "application/json;charset=utf-8",
            "application/json; Charset=\"UTF-8\"",
            "application/json; profile=\"x\"",
        ] {
            assert_eq!(status(require_json(&headers(header::CONTENT_TYPE, &[good]))), 200, "{good}");
        }
        for other in
            ["application/jsonxyz", "application/json-seq", "text/json", "application/json; charset=utf-16", "text/plain"]
        {
            assert_eq!(status(require_json(&headers(header::CONTENT_TYPE, &[other]))), 415, "{other}");
        }
        assert_eq!(status(require_json(&HeaderMap::new())), 415);
        for wrong in ["json", ";", "application/json, text/plain"] {
            assert_eq!(status(require_json(&headers(header::CONTENT_TYPE, &[wrong]))), 400, "{wrong}");
        }
        assert_eq!(status(require_json(&headers(header::CONTENT_TYPE, &["application/json", "application/json"]))), 400);
    }

    #[test]
    fn bodies_by_their_coding() {
        let packed = Bytes::from(gzip(b"{\"name\":1}"));
        let of = |codings: &[&'static str], body: &Bytes, most| {
            decoded(&headers(header::CONTENT_ENCODING, codings), body.clone(), most)
        };
        for coding in [&["gzip"][..], &["GZIP"], &["x-gzip"], &["identity, gzip"], &["identity", "gzip"]] {
            assert_eq!(of(coding, &packed, 10).unwrap(), "{\"name\":1}", "{coding:?}");
        }
        assert_eq!(of(&[], &packed, 10).unwrap(), packed);
        assert_eq!(of(&["identity"], &packed, 10).unwrap(), packed);
        for other in [&["br"][..], &["gzip, gzip"], &["gzip", "br"], &["zstd"], &["deflate"], &["gzip;q=1"]] {
            assert_eq!(status(of(other, &packed, 10)), 415, "{other:?}");
        }
        assert_eq!(status(of(&["gzip"], &packed, 9)), 413);
        assert_eq!(status(of(&["gzip"], &Bytes::from_static(b"{}"), 9)), 400);
        assert_eq!(status(of(&["gzip"], &packed.slice(..packed.len() - 4), 99)), 400);
        // Two members one after the other are one text (RFC 1952, 2.2).
        let two = Bytes::from([gzip(b"ab"), gzip(b"cd")].concat());
        assert_eq!(of(&["gzip"], &two, 9).unwrap(), "abcd");
    }

    #[test]
    fn a_bomb_is_not_unpacked() {
        let bomb = Bytes::from(gzip(&vec![0; 50_000_000]));
        assert!(bomb.len() < 100_000);
        assert_eq!(status(decoded(&headers(header::CONTENT_ENCODING, &["gzip"]), bomb, 1000)), 413);
    }
}
