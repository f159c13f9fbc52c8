//! Questions about usage that people keep by a name. Each sees their own.

use crate::App;
use crate::error::{Error, Result};
use crate::service::{Member, Repeated};
use crate::store::{self, usage::ViewRow};
use pulze_contract::usage::{UsageView, UsageViewCreate, UsageViewList, VIEWS_MAX};
use pulze_contract::validation::Rule;
use pulze_contract::{FieldError, ProblemType, UsageViewId};
use serde_json::json;

fn view(row: ViewRow) -> Option<UsageView> {
    Some(UsageView { id: UsageViewId::parse(&row.id)?, name: row.name, query: row.query })
}

/// One's own, by name.
///
/// # Errors
/// The database fails.
pub async fn list(app: &App, caller: &Member) -> Result<UsageViewList> {
    let rows = store::usage::views(&mut *app.store.read().await?, &caller.organization, &caller.actor.user_id).await?;
    Ok(UsageViewList { views: rows.into_iter().filter_map(view).collect() })
}

/// Keeps a question; one of that name is replaced. Asked again with the same idempotency key: the first
/// answer and `true`.
///
/// # Errors
/// `invalid`, also for more than [`VIEWS_MAX`]; `idempotency-key-reused`.
pub async fn create(app: &App, caller: &Member, key: &str, body: UsageViewCreate) -> Result<(UsageView, bool)> {
    let field = |(name, rule): (&str, Rule)| FieldError::new(name, rule);
    let kept = body.check().map_err(|errors| Error::invalid(errors.into_iter().map(field).collect()))?;
    let (organization, user) = (&caller.organization, &caller.actor.user_id);
    let mut change = app.store.change(&caller.organization).await?;
    let asked = json!(["usage_view", organization, body]);
    let repeated = match Repeated::claim(&mut change, &caller.actor, key, &asked, crate::now()).await? {
        Ok(answer) => return Ok((answer, true)),
        Err(repeated) => repeated,
    };
    let views = store::usage::views(&mut change, organization, user).await?;
    if views.len() >= VIEWS_MAX && !views.iter().any(|view| view.name == kept.name) {
        return Err(Error::invalid(vec![field(("name", Rule::TooMany))]));
    }
    let id = UsageViewId::from_digits(&crate::new_digits()).to_string();
    let row = ViewRow { id, name: kept.name, query: kept.query };
    let id = store::usage::put_view(&mut change, organization, user, &row).await?;
    let answer = view(ViewRow { id, ..row }).ok_or(ProblemType::NotFound)?;
    repeated.complete(&mut change, &answer).await?;
    change.commit().await?;
    Ok((answer, false))
}

/// Forgets one of one's own.
///
/// # Errors
/// `not-found`.
pub async fn delete(app: &App, caller: &Member, id: &UsageViewId) -> Result<()> {
    let mut change = app.store.change(&caller.organization).await?;
    let done = store::usage::delete_view(&mut change, &caller.organization, &caller.actor.user_id, id.as_str()).await?;
    if !done {
        return Err(ProblemType::NotFound.into());
    }
    change.commit().await
}
