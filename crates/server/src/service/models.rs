//! Models: listed, added by the organization itself, and taken from a catalogue.

use super::organizations::audit;
use super::resources::{Reach, Resources};
use super::{Member as Caller, Repeated, members::lock};
use crate::error::{Error, Fields, Result};
use crate::store::{self, Store, Tenant};
use pulze_contract::decimal::{Decimal, NumberError};
use pulze_contract::model::{Model, ModelCreate, ModelFacts, ModelList, OWN_MODELS_MAX, OWN_PREFIX, PRICE_MAX, own_name};
use pulze_contract::resource::RecentUse;
use pulze_contract::validation::Rule;
use pulze_contract::{Level, Permission, ProblemType, ResourceKind};
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// Every model, by identifier.
///
/// # Errors
/// The database fails.
pub async fn list(store: &Store, caller: &Caller) -> Result<ModelList> {
    let mut db = store.read().await?;
    let resources = Resources::read(&mut db, &caller.organization).await?;
    let usage = store::usage::by_model(&mut db, &caller.organization, crate::now()).await?;
    let dependents = resources.dependents_of(ResourceKind::Model);
    let reach = Reach::read(&mut db, caller, caller.role).await?;
    let told = caller.may(Permission::UsageRead);
    let used = |id: &str| told.then(|| usage.get(id).copied().unwrap_or_default());
    let one = |facts: &ModelFacts| model(&resources, &reach, facts, &dependents, used(&facts.id));
    let models: Vec<Model> = resources.models.iter().map(one).filter(|model| model.level > Level::None).collect();
    Ok(ModelList { total: u32::try_from(models.len()).unwrap_or(u32::MAX), models })
}

fn model(
    resources: &Resources,
    reach: &Reach,
    facts: &ModelFacts,
    dependents: &HashMap<String, u32>,
    usage: Option<RecentUse>,
) -> Model {
    Model {
        facts: facts.clone(),
        own: store::models::is_own(&facts.id),
        enabled: resources.model_enabled(&facts.id),
        level: resources.level(reach, ResourceKind::Model, &facts.id),
        dependents: dependents.get(&facts.id).copied().unwrap_or(0),
        usage,
    }
}

/// Adds a model of the organization's own; asked again with the same key, the first answer again
/// and `true`.
///
/// # Errors
/// `invalid`, among others for a name that another one has; `idempotency-key-reused`.
pub async fn create(store: &Store, caller: &Caller, key: &str, body: ModelCreate) -> Result<(Model, bool)> {
    let now = crate::now();
    let mut fields = Fields::default();
    let name = fields.check("name", own_name(&body.name));
    let positive = |number: i64| if number > 0 { Ok(()) } else { Err(Rule::NotPositive) };
    fields.check("context_window", positive(body.context_window.into()));
    fields.check("max_output_tokens", positive(body.max_output_tokens.into()));
    let price = |price: i64| match price {
        ..0 => Err(Rule::NotPositive),
        0..=PRICE_MAX => Ok(()),
        _ => Err(Rule::AmountTooLarge),
    };
    fields.check("input_price", price(body.input_price));
    fields.check("output_price", price(body.output_price));
    fields.finish()?;
    let mut change = store.change(&caller.organization).await?;
    let asked = json!(["model", caller.organization, body]);
    let repeated = match Repeated::claim(&mut change, &caller.actor, key, &asked, now).await? {
        Ok(answer) => return Ok((answer, true)),
        Err(repeated) => repeated,
    };
    let role = lock(&mut change, caller, Permission::ModelsUpdate).await?;
    let facts = ModelFacts {
        id: format!("{OWN_PREFIX}{name}"),
        provider: OWN_PREFIX.trim_end_matches('/').to_owned(),
        context_window: Some(body.context_window),
        max_output_tokens: Some(body.max_output_tokens),
        input_price: body.input_price,
        output_price: body.output_price,
        vision: body.vision,
        functions: body.functions,
        json_schema: body.json_schema,
        deprecated_on: None,
    };
    let mut fields = Fields::default();
    let resources = Resources::read(&mut change, &caller.organization).await?;
    let own = resources.models.iter().filter(|model| store::models::is_own(&model.id)).count();
    fields.check("name", if own < OWN_MODELS_MAX { Ok(()) } else { Err(Rule::TooMany) });
    if !store::models::insert_own(&mut change, &caller.organization, &facts).await? {
        fields.check("name", Err::<(), _>(Rule::Duplicate));
    }
    fields.finish()?;
    store::resources::count_change(&mut change, &caller.organization).await?;
    let detail = json!({ "after": facts });
    audit(&mut change, &caller.organization, &caller.actor, "model_create", &facts.id, detail, now).await?;
    let resources = Resources::read(&mut change, &caller.organization).await?;
    let reach = Reach::read(&mut change, caller, role).await?;
    let usage = caller.may(Permission::UsageRead).then(RecentUse::default);
    let model = model(&resources, &reach, &facts, &HashMap::new(), usage);
    repeated.complete(&mut change, &model).await?;
    change.commit().await?;
    Ok((model, false))
}

/// Deletes a model of the organization's own.
///
/// # Errors
/// `not-found`; `in-use` while something names it.
pub async fn delete(store: &Store, caller: &Caller, id: &str) -> Result<()> {
    let mut change = store.change(&caller.organization).await?;
    lock(&mut change, caller, Permission::ModelsUpdate).await?;
    let resources = Resources::read(&mut change, &caller.organization).await?;
    if !resources.dependents_on_models(&HashSet::from([id])).is_empty() {
        return Err(ProblemType::InUse.into());
    }
    if !store::models::delete_own(&mut change, &caller.organization, id).await? {
        return Err(ProblemType::NotFound.into());
    }
    store::resources::forget(&mut change, &caller.organization, ResourceKind::Model, id).await?;
    store::resources::count_change(&mut change, &caller.organization).await?;
    audit(&mut change, &caller.organization, &caller.actor, "model_delete", id, json!({}), crate::now()).await?;
    change.commit().await
}

/// What was loaded of a catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loaded {
    pub models: usize,
    pub new: usize,
}

/// Puts a file's models into the catalogue; new ones start by each organization's rule. In a
/// catalogue that was empty nothing is new: there was no organization that could have had a rule.
///
/// # Errors
/// The file is not a catalogue.
pub async fn load_catalogue(store: &Store, csv: &str) -> Result<Loaded> {
    let models = parse_catalogue(csv)?;
    let mut change = store.change(Tenant::Installation).await?;
    let known: HashSet<String> = store::models::catalogue(&mut change).await?.into_iter().map(|model| model.id).collect();
    store::models::put_catalogue(&mut change, &models).await?;
    let new: Vec<&ModelFacts> = models.iter().filter(|model| !known.is_empty() && !known.contains(&model.id)).collect();
    if !new.is_empty() {
        for (organization, rule) in store::resources::rules(&mut change).await? {
            for model in new.iter().filter(|model| !rule.enables(model)) {
                store::resources::switch(&mut change, &organization, ResourceKind::Model, &model.id, false).await?;
            }
            store::resources::count_change(&mut change, &organization).await?;
        }
    }
    change.commit().await?;
    Ok(Loaded { models: models.len(), new: new.len() })
}

/// The catalogue that ships with the server: facts from BerriAI/litellm 1.109.1 (MIT), see `data/README.md`.
const SHIPPED: &str = include_str!("../../data/models.csv");

/// Loads the catalogue that ships with this server, once for each that ships.
///
/// # Errors
/// The database fails.
pub async fn load_shipped(store: &Store) -> Result<()> {
    let name = "shipped catalogue";
    let ours = crate::auth::token::hash(SHIPPED);
    let loaded = store::models::kept(&mut *store.read().await?, name).await?;
    if loaded.as_deref() == Some(&ours) {
        return Ok(());
    }
    load_catalogue(store, SHIPPED).await?;
    let mut change = store.change(Tenant::Installation).await?;
    store::models::keep(&mut change, name, &ours).await?;
    change.commit().await
}

/// A catalogue's lines, with prices in dollars for a million tokens and days as `2026-01-05`.
fn parse_catalogue(csv: &str) -> Result<Vec<ModelFacts>> {
    let mut lines = csv::Reader::from_reader(csv.as_bytes());
    let mut models: Vec<ModelFacts> = Vec::new();
    for (place, line) in lines.deserialize::<CatalogueLine>().enumerate() {
        let bad = |why: &str| Error::Internal(format!("line {} of the catalogue: {why}", place + 2));
        let line = line.map_err(|error| bad(&error.to_string()))?;
        let named = line.id.split_once('/').is_some_and(|(_, name)| !name.is_empty()) && !store::models::is_own(&line.id);
        if !named {
            return Err(bad("an identifier is provider/name"));
        }
        let deprecated_on = match line.deprecated_on.as_str() {
            "" => None,
            day => Some(day.parse::<jiff::civil::Date>().map_err(|_| bad("a day is like 2026-01-05"))?),
        };
        let midnight = |day: jiff::civil::Date| {
            day.to_zoned(jiff::tz::TimeZone::UTC).map(|at| at.timestamp().as_millisecond()).map_err(|_| bad("a day out of range"))
        };
        models.push(ModelFacts {
            input_price: price(&line.input_usd_per_million).map_err(|error| bad(&error))?,
            output_price: price(&line.output_usd_per_million).map_err(|error| bad(&error))?,
            deprecated_on: deprecated_on.map(midnight).transpose()?,
            id: line.id,
            provider: line.provider,
            context_window: line.context_window,
            max_output_tokens: line.max_output_tokens,
            vision: line.vision,
            functions: line.functions,
            json_schema: line.json_schema,
        });
    }
    models.sort_by(|one, other| one.id.cmp(&other.id));
    if models.windows(2).any(|pair| pair[0].id == pair[1].id) {
        return Err(Error::Internal("a model stands twice in the catalogue".to_owned()));
    }
    Ok(models)
}

#[derive(serde::Deserialize)]
struct CatalogueLine {
    id: String,
    provider: String,
    context_window: Option<u32>,
    max_output_tokens: Option<u32>,
    input_usd_per_million: String,
    output_usd_per_million: String,
    vision: bool,
    functions: bool,
    json_schema: bool,
    deprecated_on: String,
}

/// `0.0375` → 37,500 micro-dollars for a million tokens: exactly, or not at all.
fn price(text: &str) -> std::result::Result<i64, String> {
    let read = Decimal::parse(text.trim()).and_then(|price| price.exact(6));
    let read = read.and_then(|price| if price > PRICE_MAX { Err(NumberError::TooLarge) } else { Ok(price) });
    read.map_err(|error| format!("{text:?} is no price in dollars: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_exact() {
        assert_eq!(price("10.0"), Ok(10_000_000));
        assert_eq!(price("0.0375"), Ok(37_500));
        assert_eq!(price("3"), Ok(3_000_000));
        assert_eq!(price("3.75e-02"), Ok(37_500));
        assert_eq!(price("0.0375000"), Ok(37_500));
        for wrong in ["", "-1", "0.0000001", "3.0x", "$3", "free"] {
            assert!(price(wrong).is_err_and(|error| error.contains(wrong)), "{wrong}");
        }
    }

    #[test]
    fn the_shipped_catalogue_is_whole() {
        let models = parse_catalogue(SHIPPED).unwrap_or_default();
        assert_eq!(models.len(), SHIPPED.lines().count() - 1);
        assert!(models.iter().any(|model| model.deprecated_on.is_some()));
    }
}
