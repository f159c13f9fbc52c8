//! What the styles of a drawing need from elsewhere.

use pulze_contract::image::{Finding, ImageFound};

/// What a reference leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// A part of the same drawing, or nothing.
    Within,
    /// A picture in the address itself.
    Picture,
    /// Other data in the address itself.
    Data,
    /// Another file; what it is called.
    Elsewhere(String),
}

/// Where an address leads.
pub(super) fn target(address: &str) -> Target {
    let address = address.trim();
    let lower = address.to_ascii_lowercase();
    if address.is_empty() || address.starts_with('#') {
        Target::Within
    } else if lower.starts_with("data:image/") && !lower.starts_with("data:image/svg") {
        Target::Picture
    } else if lower.starts_with("data:") {
        Target::Data
    } else {
        let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
        // The host of an address, or the name of a file.
        let end = if rest.len() == address.len() { rest.rsplit(['/', '\\']).next() } else { rest.split('/').next() };
        let named = end.unwrap_or_default().chars().filter(|c| !c.is_control()).take(60).collect();
        Target::Elsewhere(named)
    }
}

/// Looks at a style sheet, a style or a property.
///
/// # Errors
/// It needs another file, or a font.
pub(super) fn check(css: &str) -> Result<(), Box<ImageFound>> {
    if css.contains('\\') {
        check_plain(&unescaped(css))?;
    }
    check_plain(css)
}

/// A style with its escapes (`\6c`, `\l`) as the characters that they mean.
fn unescaped(css: &str) -> String {
    let mut plain = String::with_capacity(css.len());
    let mut rest = css;
    while let Some((before, escape)) = rest.split_once('\\') {
        plain.push_str(before);
        let digits = escape.bytes().take(6).take_while(u8::is_ascii_hexdigit).count();
        let code = escape.get(..digits).and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
        plain.extend(code);
        rest = escape.get(digits..).unwrap_or_default();
        // One space ends a code.
        rest = if digits > 0 { rest.strip_prefix(char::is_whitespace).unwrap_or(rest) } else { rest };
    }
    plain + rest
}

fn check_plain(css: &str) -> Result<(), Box<ImageFound>> {
    let elsewhere = |name: String| Err(Box::new(ImageFound::named(Finding::SvgLinked, name)));
    // Lower case keeps the places of ASCII, and of all else the length.
    let lower = css.to_ascii_lowercase();
    if let Some((_, imported)) = lower.split_once("@import") {
        let address = imported.split([';', ')']).next().unwrap_or_default().trim().trim_start_matches("url(");
        return match target(address.trim_matches(['"', '\'', ' '])) {
            Target::Elsewhere(name) => elsewhere(name),
            _ => elsewhere(String::new()),
        };
    }
    for (place, _) in lower.match_indices("url(") {
        let address = css.get(place + 4..).unwrap_or_default().split(')').next().unwrap_or_default();
        match target(address.trim().trim_matches(['"', '\''])) {
            Target::Within | Target::Picture => {}
            Target::Data => return Err(Box::new(ImageFound::new(Finding::SvgText))),
            Target::Elsewhere(name) => return elsewhere(name),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_lead_within_or_elsewhere() {
        for within in ["fill: red", "url(#a)", "fill:url('#a');stroke: URL( \"#b\" )", ".a{clip-path:url(#c)}", "url()"] {
            assert_eq!(check(within), Ok(()), "{within}");
        }
        for (css, name) in [
            ("@import url(https://fonts.example/css?family=A);", "fonts.example"),
            ("@IMPORT 'local.css'", "local.css"),
            ("fill:url(other.svg#a)", "other.svg#a"),
            (r"fill:ur\6c(other.svg#a)", "other.svg#a"),
            (r"fill:\75 rl(other.svg#a)", "other.svg#a"),
            (r"@\69mport 'local.css'", "local.css"),
            ("fill:url( 'https://acme.test/a.svg' )", "acme.test"),
        ] {
            assert_eq!(
                check(css).map_err(|found| (found.what, found.name)),
                Err((Finding::SvgLinked, Some(name.to_owned()))),
                "{css}"
            );
        }
        let font = check("@font-face{src:url(data:font/woff2;base64,AA)}");
        assert_eq!(font.map_err(|found| found.what), Err(Finding::SvgText));
        assert_eq!(target("data:image/png;base64,AA"), Target::Picture);
        assert_eq!(target("data:image/svg+xml,<svg/>"), Target::Data);
    }
}
