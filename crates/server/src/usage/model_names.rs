//! What spans call providers and models, and what the catalogue calls them.
//!
//! The conventions' names of providers, old and new, and the hosts of those that take OpenAI's requests are a table
//! that an operator can extend (`--model-names FILE`). A name leads to a model of the catalogue only where the whole
//! of it does: never to one that begins alike. What leads nowhere is kept as it was said, and has no price.

use serde::Deserialize;
use std::collections::HashMap;

/// Names of the conventions of OpenTelemetry (and of instrumentations before them), and the catalogue's.
const PROVIDERS: [(&str, &str); 27] = [
    ("anthropic", "anthropic"),
    ("az.ai.openai", "openai"),
    ("azure", "openai"),
    ("azure.ai.openai", "openai"),
    ("azure_openai", "openai"),
    ("cohere", "cohere"),
    ("deepseek", "deepseek"),
    ("gcp.gemini", "google"),
    ("gcp.gen_ai", "google"),
    ("gcp.vertex_ai", "google"),
    ("gemini", "google"),
    ("google", "google"),
    ("google_genai", "google"),
    ("google_generativeai", "google"),
    ("google_vertexai", "google"),
    ("groq", "groq"),
    ("mistral", "mistral"),
    ("mistral_ai", "mistral"),
    ("mistralai", "mistral"),
    ("openai", "openai"),
    ("perplexity", "perplexity"),
    ("vertex_ai", "google"),
    ("vertexai", "google"),
    ("x_ai", "xai"),
    ("xai", "xai"),
    ("x.ai", "xai"),
    ("x-ai", "xai"),
];
/// Hosts, and whose models they serve; they say more than the name of the library that asked them.
const HOSTS: [(&str, &str); 11] = [
    ("api.anthropic.com", "anthropic"),
    ("api.cohere.ai", "cohere"),
    ("api.cohere.com", "cohere"),
    ("api.deepseek.com", "deepseek"),
    ("api.groq.com", "groq"),
    ("api.mistral.ai", "mistral"),
    ("api.openai.com", "openai"),
    ("api.perplexity.ai", "perplexity"),
    ("api.x.ai", "xai"),
    ("generativelanguage.googleapis.com", "google"),
    ("openai.azure.com", "openai"),
];
/// Names of clouds that serve other providers' models.
const BEDROCK: [&str; 4] = ["aws.bedrock", "aws_bedrock", "bedrock", "amazon_bedrock"];
const VERTEX: [&str; 4] = ["gcp.vertex_ai", "vertex_ai", "vertexai", "google_vertexai"];
const FOUNDRY: [&str; 3] = ["azure.ai.inference", "az.ai.inference", "azure_ai"];
/// Whose models are looked for there, one after the other.
const SOLD_ON: [&str; 7] = ["anthropic", "openai", "google", "mistral", "cohere", "deepseek", "xai"];

/// The table of an installation.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ModelNames {
    /// Provider as spans name it → as the catalogue does.
    providers: HashMap<String, String>,
    /// Host → provider of the catalogue; hosts below it too.
    hosts: HashMap<String, String>,
    /// `provider/model` as spans name it → a model of the catalogue.
    models: HashMap<String, String>,
}

/// What a span says of a model.
#[derive(Clone, Copy, Debug, Default)]
pub struct Said<'a> {
    pub provider: &'a str,
    pub host: &'a str,
    pub model: &'a str,
}

impl ModelNames {
    /// Reads an operator's table; its names go before those that are known anyway.
    ///
    /// # Errors
    /// It is no such table.
    pub fn read(text: &str) -> Result<Self, serde_json::Error> {
        let table: Self = serde_json::from_str(text)?;
        let lower = |map: HashMap<String, String>| map.into_iter().map(|(name, to)| (name.to_ascii_lowercase(), to)).collect();
        Ok(Self { providers: lower(table.providers), hosts: lower(table.hosts), models: table.models })
    }

    fn host(&self, host: &str) -> Option<&str> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        let mut rest = host.as_str();
        loop {
            let known = HOSTS.iter().find(|(known, _)| *known == rest).map(|(_, provider)| *provider);
            if let Some(provider) = self.hosts.get(rest).map(String::as_str).or(known) {
                return Some(provider);
            }
            rest = rest.split_once('.')?.1;
        }
    }

    /// The name that a model is kept by: the first of what it may be that `is_known`, or else what was said.
    pub fn resolve(&self, said: Said<'_>, is_known: impl Fn(&str) -> bool) -> String {
        let (name, model) = (said.provider.trim().to_ascii_lowercase(), said.model.trim());
        if let Some(id) = self.models.get(&format!("{name}/{model}")).or_else(|| self.models.get(model)) {
            return id.clone();
        }
        let named = PROVIDERS.iter().find(|(known, _)| *known == name).map(|(_, provider)| *provider);
        let named = self.providers.get(&name).map(String::as_str).or(named);
        // Whoever speaks OpenAI's protocol is reported as OpenAI: the host says who it was.
        let host = self.host(said.host).filter(|_| matches!(name.as_str(), "" | "openai") || named.is_none());
        let plain = plain(model);
        let cloud = |names: &[&str]| names.contains(&name.as_str()) && !self.providers.contains_key(&name);
        let mut candidates: Vec<String> = Vec::new();
        if cloud(&BEDROCK) {
            let (vendor, of_vendor) = bedrock(plain);
            if let Some(vendor) = vendor {
                candidates.push(format!("{vendor}/{of_vendor}"));
            }
            candidates.push(format!("{name}/{model}"));
        } else if name.is_empty() && host.is_none() {
            candidates.push(plain.to_owned());
        } else {
            let provider = host.or(named).unwrap_or(&name);
            // A name that already begins with its provider says it once too often.
            let own = plain.strip_prefix(provider).and_then(|rest| rest.strip_prefix('/')).unwrap_or(plain);
            candidates.push(format!("{provider}/{plain}"));
            candidates.push(format!("{provider}/{own}"));
            if cloud(&VERTEX) || cloud(&FOUNDRY) {
                let dated = plain.replacen('@', "-", 1);
                candidates.extend(SOLD_ON.iter().map(|seller| format!("{seller}/{dated}")));
            }
        }
        let known = candidates.iter().find(|id| is_known(id)).cloned();
        // Unknown: under its provider, with its name said once.
        let kept = if cloud(&BEDROCK) || candidates.len() < 2 { candidates.first() } else { candidates.get(1) };
        known.or_else(|| kept.cloned()).unwrap_or_default()
    }
}

/// The name without the path that some interfaces put before it.
fn plain(model: &str) -> &str {
    let after = |model: &str, part: &str| model.rfind(part).map(|at| at + part.len());
    let at = after(model, "/models/").or_else(|| model.starts_with("models/").then_some("models/".len()));
    model.get(at.unwrap_or(0)..).unwrap_or(model)
}

/// Vendor and name of a model as Bedrock names it: `us.anthropic.claude-sonnet-4-5-20250929-v1:0`, or the end of an
/// address (ARN). The version of Bedrock's own that follows is none of the vendor's.
fn bedrock(model: &str) -> (Option<&str>, &str) {
    const VENDORS: [&str; 5] = ["anthropic", "mistral", "cohere", "deepseek", "openai"];
    const REGIONS: [&str; 8] = ["us", "eu", "apac", "global", "us-gov", "jp", "au", "ca"];
    let model = model.rsplit('/').next().unwrap_or(model);
    let (first, rest) = model.split_once('.').unwrap_or(("", model));
    let model = if REGIONS.contains(&first) { rest } else { model };
    let Some((vendor, name)) = model.split_once('.').filter(|(vendor, _)| VENDORS.contains(vendor)) else { return (None, model) };
    let version = name.rfind("-v").filter(|at| {
        let version = &name[at + 2..];
        !version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit() || byte == b':')
    });
    (Some(vendor), version.map_or(name, |at| &name[..at]))
}

/// The model whose price a model has that the catalogue does not name itself: a model that was tuned at OpenAI
/// (`openai/ft:gpt-4o-mini-2024-07-18:acme::AbC123`) has the price of tuned ones of its base. There is no other such
/// rule: a snapshot that nobody knows has no price.
pub fn priced_as(model: &str) -> Option<String> {
    let (provider, name) = model.split_once('/')?;
    let base = name.strip_prefix("ft:")?.split(':').next().filter(|base| !base.is_empty())?;
    let priced = format!("{provider}/ft:{base}");
    (priced != model).then_some(priced)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const CATALOGUE: [&str; 10] = [
        "google/gemini-2.5-flash",
        "mistral/mistral-small",
        "xai/grok-4.5",
        "groq/openai/gpt-oss-20b",
        "openai/gpt-4o",
        "openai/gpt-4o-2024-11-20",
        "anthropic/claude-sonnet-4-5",
        "anthropic/claude-sonnet-4-5-20250929",
        "mistral/mistral-large-3",
        "deepseek/deepseek-r1",
    ];

    fn resolve(names: &ModelNames, provider: &str, host: &str, model: &str) -> String {
        names.resolve(Said { provider, host, model }, |id| CATALOGUE.contains(&id))
    }

    #[test]
    fn names_of_the_conventions_lead_to_the_catalogue() {
        let names = ModelNames::default();
        for (provider, host, model, id) in [
            ("gcp.gemini", "", "gemini-2.5-flash", "google/gemini-2.5-flash"),
            ("gcp.gemini", "", "models/gemini-2.5-flash", "google/gemini-2.5-flash"),
            ("gcp.vertex_ai", "", "publishers/google/models/gemini-2.5-flash", "google/gemini-2.5-flash"),
            ("gcp.vertex_ai", "", "claude-sonnet-4-5@20250929", "anthropic/claude-sonnet-4-5-20250929"),
            ("mistral_ai", "", "mistral-small", "mistral/mistral-small"),
            ("X_AI", "", "grok-4.5", "xai/grok-4.5"),
            ("groq", "", "openai/gpt-oss-20b", "groq/openai/gpt-oss-20b"),
            ("openai", "api.groq.com", "openai/gpt-oss-20b", "groq/openai/gpt-oss-20b"),
            ("openai", "", "openai/gpt-4o", "openai/gpt-4o"),
            ("azure.ai.openai", "acme.openai.azure.com", "gpt-4o-2024-11-20", "openai/gpt-4o-2024-11-20"),
            ("azure.ai.inference", "", "mistral-large-3", "mistral/mistral-large-3"),
            ("aws.bedrock", "", "us.anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic/claude-sonnet-4-5-20250929"),
            ("aws.bedrock", "", "anthropic.claude-sonnet-4-5-20250929-v1:0", "anthropic/claude-sonnet-4-5-20250929"),
            ("aws_bedrock", "", "us.deepseek.deepseek-r1-v1:0", "deepseek/deepseek-r1"),
            (
                "aws.bedrock",
                "",
                "arn:aws:bedrock:eu-west-1:1:inference-profile/eu.anthropic.claude-sonnet-4-5-20250929-v1:0",
                "anthropic/claude-sonnet-4-5-20250929",
            ),
            ("", "", "openai/gpt-4o", "openai/gpt-4o"),
            ("", "api.openai.com", "gpt-4o", "openai/gpt-4o"),
        ] {
            assert_eq!(resolve(&names, provider, host, model), id, "{provider} {host} {model}");
        }
    }

    #[test]
    fn what_only_begins_alike_is_kept_as_it_was_said() {
        let names = ModelNames::default();
        for (provider, host, model, kept) in [
            ("openai", "", "gpt-4o-2099-01-01", "openai/gpt-4o-2099-01-01"),
            ("openai", "", "gpt-4", "openai/gpt-4"),
            ("openai", "", "ft:gpt-4o:acme::1", "openai/ft:gpt-4o:acme::1"),
            ("aws.bedrock", "", "us.anthropic.claude-sonnet-4-9-v1:0", "anthropic/claude-sonnet-4-9"),
            ("aws.bedrock", "", "amazon.nova-pro-v1:0", "aws.bedrock/amazon.nova-pro-v1:0"),
            ("openrouter", "openrouter.ai", "openai/gpt-4o", "openrouter/openai/gpt-4o"),
            ("groq", "", "openai/gpt-4o", "groq/openai/gpt-4o"),
            ("openai", "api.groq.com", "gpt-4o", "groq/gpt-4o"),
            ("", "", "gpt-4o", "gpt-4o"),
            ("evilopenai.com", "evilapi.openai.com.example", "gpt-4o", "evilopenai.com/gpt-4o"),
        ] {
            assert_eq!(resolve(&names, provider, host, model), kept, "{provider} {host} {model}");
        }
    }

    #[test]
    fn an_operator_extends_the_table() {
        let table = r#"{ "providers": { "Our-Gateway": "openai" }, "hosts": { "llm.acme.test": "groq" },
            "models": { "azure.ai.openai/our-deployment": "openai/gpt-4o" } }"#;
        let names = ModelNames::read(table).unwrap();
        assert_eq!(resolve(&names, "our-gateway", "", "gpt-4o"), "openai/gpt-4o");
        assert_eq!(resolve(&names, "openai", "eu.llm.acme.test", "openai/gpt-oss-20b"), "groq/openai/gpt-oss-20b");
        assert_eq!(resolve(&names, "azure.ai.openai", "", "our-deployment"), "openai/gpt-4o");
        assert!(ModelNames::read(r#"{ "provider": {} }"#).is_err());
    }

    #[test]
    fn tuned_models_have_the_price_of_their_base_when_tuned() {
        assert_eq!(
            priced_as("openai/ft:gpt-4o-mini-2024-07-18:acme::AbC123").as_deref(),
            Some("openai/ft:gpt-4o-mini-2024-07-18")
        );
        for other in ["openai/ft:gpt-4o-mini-2024-07-18", "openai/gpt-4o-2099-01-01", "ft:x:y", "openai/ft:", "gpt-4o"] {
            assert_eq!(priced_as(other), None, "{other}");
        }
    }
}
