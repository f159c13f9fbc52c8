//! Single calls are kept for a while; their sums stay.

use crate::App;
use std::time::Duration;

const DAY_MS: i64 = 86_400_000;
/// How often is looked for calls that are old enough.
const EVERY: Duration = Duration::from_secs(10 * 60);
/// Calls that are forgotten in one transaction, so that others get in between.
const AT_ONCE: u32 = 5_000;

/// Forgets single calls, for as long as the process lives.
pub async fn run(app: App) {
    loop {
        let before = crate::now() - i64::from(app.config.usage_calls_days) * DAY_MS;
        loop {
            match forget(&app, before).await {
                Ok(forgotten) if forgotten >= u64::from(AT_ONCE) => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "single calls could not be forgotten");
                    break;
                }
            }
        }
        tokio::time::sleep(EVERY).await;
    }
}

async fn forget(app: &App, before: i64) -> crate::error::Result<u64> {
    let mut change = app.store.change(crate::store::Tenant::Installation).await?;
    let calls = crate::store::usage::forget_calls(&mut change, before, AT_ONCE).await?;
    let forgotten = calls.max(crate::store::usage::forget_around(&mut change, before, AT_ONCE).await?);
    change.commit().await?;
    Ok(forgotten)
}
