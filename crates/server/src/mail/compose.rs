//! The words of a mail, as plain text and as HTML.

use crate::error::{Error, Result};
use askama::Template;
use pulze_contract::{Role, Timestamp};
use serde::Deserialize;

/// The sentences of one language; a missing or unknown one fails the test of this module.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Sentences {
    direction: String,
    subject: String,
    title: String,
    role: String,
    spaces: String,
    ends: String,
    accept: String,
    hint: String,
    unexpected: String,
    viewer: String,
    editor: String,
    admin: String,
    leak_subject: String,
    leak_title: String,
    leak_state: String,
    leak_link: String,
    leak_hint: String,
    verify_subject: String,
    verify_title: String,
    verify_state: String,
    verify_link: String,
    verify_hint: String,
}

impl Sentences {
    fn of(language: &str) -> Result<Self> {
        let text = match language {
            "de" => include_str!("../../locales/de.json"),
            "ar" => include_str!("../../locales/ar.json"),
            _ => include_str!("../../locales/en.json"),
        };
        serde_json::from_str(text).map_err(|error| Error::Internal(error.to_string()))
    }

    fn of_role(&self, role: Role) -> &str {
        match role {
            Role::Viewer => &self.viewer,
            Role::Editor => &self.editor,
            Role::Admin => &self.admin,
        }
    }
}

/// What the mail of an invitation tells.
pub struct InvitationMail<'a> {
    pub language: &'a str,
    pub organization: &'a str,
    pub inviter: &'a str,
    pub role: Role,
    /// Names of the spaces that come with the membership.
    pub spaces: &'a [String],
    pub message: &'a str,
    pub link: &'a str,
    pub expires_at: Timestamp,
    /// When the membership would end.
    pub ends_at: Option<Timestamp>,
}

/// A mail, ready to be sent.
pub struct Composed {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// What the mail about a key that leaked tells its owner.
pub struct LeakMail<'a> {
    pub language: &'a str,
    pub organization: &'a str,
    /// Name of the key.
    pub key: &'a str,
    /// Its preview.
    pub preview: &'a str,
    /// Who tells.
    pub by: &'a str,
    pub message: &'a str,
    pub link: &'a str,
}

/// What the mail says by which somebody proves that an address is theirs.
pub struct VerificationMail<'a> {
    pub language: &'a str,
    /// Name of the person.
    pub name: &'a str,
    pub email: &'a str,
    pub link: &'a str,
    pub expires_at: Timestamp,
}

/// The sentences of one mail, filled in.
struct Filled<'a> {
    title: String,
    /// What it is about, in a line.
    lead: String,
    spaces: Option<String>,
    ends: Option<String>,
    message: &'a str,
    /// What the link says.
    action: &'a str,
    link: &'a str,
    hint: String,
    unexpected: &'a str,
}

#[derive(Template)]
#[template(path = "mail.txt", escape = "none")]
struct Text<'a> {
    mail: &'a Filled<'a>,
}

#[derive(Template)]
#[template(path = "mail.html")]
struct Html<'a> {
    language: &'a str,
    direction: &'a str,
    subject: &'a str,
    mail: &'a Filled<'a>,
}

impl InvitationMail<'_> {
    /// # Errors
    /// The sentences or the templates are broken.
    pub fn compose(&self) -> Result<Composed> {
        let sentences = Sentences::of(self.language)?;
        // One value after the other: a name that looks like a placeholder stays a name.
        let organization = |text: &str| fill(text, &[("inviter", self.inviter), ("organization", self.organization)]);
        let subject = organization(&sentences.subject);
        let mail = Filled {
            title: organization(&sentences.title),
            lead: fill(&sentences.role, &[("role", sentences.of_role(self.role))]),
            spaces: (!self.spaces.is_empty()).then(|| fill(&sentences.spaces, &[("spaces", &self.spaces.join(", "))])),
            ends: self.ends_at.map(|at| fill(&sentences.ends, &[("date", &day(at))])),
            message: self.message,
            action: &sentences.accept,
            link: self.link,
            hint: fill(&sentences.hint, &[("date", &day(self.expires_at))]),
            unexpected: &sentences.unexpected,
        };
        composed(self.language, &sentences, subject, &mail)
    }
}

impl LeakMail<'_> {
    /// # Errors
    /// The sentences or the templates are broken.
    pub fn compose(&self) -> Result<Composed> {
        let sentences = Sentences::of(self.language)?;
        let values = [("key", self.key), ("preview", self.preview), ("organization", self.organization), ("by", self.by)];
        let mail = Filled {
            title: fill(&sentences.leak_title, &values),
            lead: fill(&sentences.leak_state, &values),
            spaces: None,
            ends: None,
            message: self.message,
            action: &sentences.leak_link,
            link: self.link,
            hint: fill(&sentences.leak_hint, &values),
            unexpected: "",
        };
        composed(self.language, &sentences, fill(&sentences.leak_subject, &values), &mail)
    }
}

impl VerificationMail<'_> {
    /// # Errors
    /// The sentences or the templates are broken.
    pub fn compose(&self) -> Result<Composed> {
        let sentences = Sentences::of(self.language)?;
        let (name, email) = (("name", self.name), ("email", self.email));
        let mail = Filled {
            title: fill(&sentences.verify_title, &[]),
            lead: fill(&sentences.verify_state, &[name, email]),
            spaces: None,
            ends: None,
            message: "",
            action: &sentences.verify_link,
            link: self.link,
            hint: fill(&sentences.verify_hint, &[("date", &day(self.expires_at))]),
            unexpected: &sentences.unexpected,
        };
        composed(self.language, &sentences, fill(&sentences.verify_subject, &[]), &mail)
    }
}

fn composed(language: &str, sentences: &Sentences, subject: String, mail: &Filled<'_>) -> Result<Composed> {
    let broken = |error: askama::Error| Error::Internal(error.to_string());
    let text = Text { mail }.render().map_err(broken)?;
    let html = Html { language, direction: &sentences.direction, subject: &subject, mail };
    Ok(Composed { text, html: html.render().map_err(broken)?, subject })
}

/// Puts values into the places of a sentence, in one pass over it.
fn fill(sentence: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::new();
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        let (name, after) = after.split_once('}').unwrap_or((after, ""));
        filled.push_str(before);
        filled.push_str(values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value));
        rest = after;
    }
    filled + rest
}

/// A day as everybody reads it, `2026-12-01` (UTC).
fn day(at: Timestamp) -> String {
    crate::iso_time(at).chars().take(10).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use pulze_contract::organization::LANGUAGES;

    #[test]
    fn every_language_says_everything_and_nothing_is_taken_for_markup() {
        for language in LANGUAGES {
            let mail = InvitationMail {
                language,
                organization: "<b>Acme</b> {inviter}",
                inviter: "Ada & Co",
                role: Role::Editor,
                spaces: &["Research".to_owned(), "Board".to_owned()],
                message: "Hi <script>alert(1)</script>",
                link: "https://console.test/invitation#secret",
                expires_at: 1_767_603_600_000,
                ends_at: Some(1_767_603_600_000),
            };
            let Composed { subject, text, html } = mail.compose().unwrap();
            assert!(subject.contains("<b>Acme</b> {inviter}"), "{subject}");
            for said in ["Ada & Co", "Research, Board", "2026-01-05", "https://console.test/invitation#secret", "<script>"] {
                assert!(text.contains(said), "{language}: {said}\n{text}");
            }
            assert!(html.contains("https://console.test/invitation#secret") && html.contains("&#38;"), "{html}");
            assert!(!html.contains("<script>") && !html.contains("<b>Acme"), "{html}");
            assert!(!text.replace("{inviter}", "").contains('{'), "a place was not filled: {text}");
            let leak = LeakMail {
                language,
                organization: "Acme",
                key: "Shop <b>",
                preview: "pk_…a1b2",
                by: "Ada",
                message: "Seen in a log",
                link: "https://console.test/o/1",
            };
            let Composed { subject, text, html } = leak.compose().unwrap();
            assert!(subject.contains("Shop <b>"), "{subject}");
            for said in ["pk_…a1b2", "Acme", "Ada", "Seen in a log", "https://console.test/o/1"] {
                assert!(text.contains(said), "{language}: {said}\n{text}");
            }
            assert!(!html.contains("Shop <b>") && !text.contains('{'), "{html}\n{text}");
            let verification = VerificationMail {
                language,
                name: "Ada <b>",
                email: "ada@console.test",
                link: "https://console.test/verify#secret",
                expires_at: 1_767_603_600_000,
            };
            let Composed { text, html, .. } = verification.compose().unwrap();
            for said in ["Ada <b>", "ada@console.test", "https://console.test/verify#secret", "2026-01-05"] {
                assert!(text.contains(said), "{language}: {said}\n{text}");
            }
            assert!(!html.contains("Ada <b>") && !text.contains('{'), "{html}\n{text}");
        }
    }
}
