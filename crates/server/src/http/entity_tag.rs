//! `If-Match`: which versions of what is to be changed the caller has seen (RFC 9110, 13.1.1).
//!
//! An entity tag is a version that counts changes, so it names the content exactly, whatever form that was sent in.
//! Proxies that compress make a tag weak (`W/"7"`) or add the coding (`"7-gzip"`): it is still version 7.

use crate::error::{Error, Result};
use crate::service::Seen;
use axum::http::{HeaderMap, header};
use pulze_contract::ProblemType;

/// Codings that proxies add to a tag.
const CODINGS: [&str; 5] = ["gzip", "br", "zstd", "deflate", "df"];

/// # Errors
/// `precondition-required` without the header, `malformed` for what is no list of entity tags. A tag that is none of
/// ours is one of a version that is not there.
pub fn if_match(headers: &HeaderMap) -> Result<Seen> {
    let mut lines = headers.get_all(header::IF_MATCH).into_iter().peekable();
    if lines.peek().is_none() {
        return Err(ProblemType::PreconditionRequired.into());
    }
    let lines: Option<Vec<&str>> = lines.map(|line| line.to_str().ok()).collect();
    let read = lines.and_then(|lines| read(&lines.join(",")));
    read.ok_or_else(|| Error::because(ProblemType::Malformed, "If-Match must be \"*\" or a list of entity tags, like \"7\"."))
}

fn read(text: &str) -> Option<Seen> {
    let mut rest = text.trim();
    if rest == "*" {
        return Some(Seen::Any);
    }
    let (mut versions, mut tags) = (Vec::new(), 0);
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(',') {
            rest = after.trim_start();
            continue;
        }
        let (tag, after) = rest.strip_prefix("W/").unwrap_or(rest).strip_prefix('"')?.split_once('"')?;
        rest = after.trim_start();
        if !(rest.is_empty() || rest.starts_with(',')) {
            return None;
        }
        tags += 1;
        versions.extend(version(tag));
    }
    (tags > 0).then_some(Seen::Versions(versions))
}

/// The version that a tag names, without what a proxy may have added.
fn version(tag: &str) -> Option<i64> {
    let end = tag.find(|c: char| !c.is_ascii_digit()).unwrap_or(tag.len());
    let (number, added) = tag.split_at(end);
    let coding = added.trim_start_matches(['-', ';', ':']);
    let known = added.is_empty() || (coding.len() < added.len() && CODINGS.contains(&coding));
    number.parse().ok().filter(|_| known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    fn seen(lines: &[&'static str]) -> Option<Seen> {
        let headers = lines.iter().map(|line| (header::IF_MATCH, HeaderValue::from_static(line))).collect();
        if_match(&headers).ok()
    }

    #[test]
    fn tags_as_proxies_give_them_back() {
        for seven in ["\"7\"", "W/\"7\"", "\"7-gzip\"", "\"7--gzip\"", "W/\"7-br\"", "\"7;gzip\"", " \"7\" "] {
            assert_eq!(seen(&[seven]), Some(Seen::Versions(vec![7])), "{seven}");
        }
        assert_eq!(seen(&["\"6\", W/\"7\",,\"8-zstd\""]), Some(Seen::Versions(vec![6, 7, 8])));
        assert_eq!(seen(&["\"6\"", "\"7\""]), Some(Seen::Versions(vec![6, 7])));
        assert_eq!(seen(&[" * "]), Some(Seen::Any));
        for foreign in ["\"abc\"", "\"7x\"", "\"7-x\"", "\"\"", "\"-7\"", "\"99999999999999999999\"", "\"a, b\""] {
            assert_eq!(seen(&[foreign]), Some(Seen::Versions(vec![])), "{foreign}");
        }
        for malformed in ["7", "\"7", "7\"", "\"7\" \"8\"", "w/\"7\"", "*, \"7\"", "\"7\"x", "", ","] {
            assert_eq!(seen(&[malformed]), None, "{malformed}");
        }
        assert_eq!(seen(&[]), None);
        assert!(Seen::Any.allows(1) && Seen::Versions(vec![6, 7]).allows(7) && !Seen::Versions(vec![]).allows(7));
    }
}
