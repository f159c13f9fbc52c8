//! Demo data: the same people and organizations every time, only on a loopback address.

use crate::auth::password;
use crate::error::Result;
use crate::store::organizations::NewOrganization;
use crate::store::{self, Store};
use pulze_contract::organization::Plan;
use pulze_contract::{OrganizationId, Role, UserId};
use sha2::{Digest, Sha256};

/// The password of every demo account.
pub const PASSWORD: &str = "pulze-demo-2026";
/// Address and name of every demo account.
pub const PEOPLE: [(&str, &str); 5] = [
    ("admin@acme.test", "Ada Lindqvist"),
    ("editor@acme.test", "Emre Yıldız"),
    ("viewer@acme.test", "Vera Okafor"),
    ("many@acme.test", "Manuel Ortega"),
    ("operations@acme.test", "Olivia Hart"),
];
/// The 40 organizations of `many@acme.test`.
const FIELDS: [&str; 10] = ["Aster", "Birch", "Cobalt", "Delta", "Ember", "Fjord", "Granite", "Harbor", "Indigo", "Juniper"];
const KINDS: [&str; 4] = ["Logistics", "Biotech", "Capital", "Media"];
/// 2026-01-05T09:00:00Z.
const START: i64 = 1_767_603_600_000;
const DAY: i64 = 86_400_000;

/// Fills an empty database; does nothing to one that holds people.
///
/// # Errors
/// The database fails.
pub async fn fill(store: &Store) -> Result<()> {
    let mut change = store.change().await?;
    if store::users::count(&mut change).await? > 0 {
        return Ok(());
    }
    let hash = password::hash(PASSWORD.to_owned()).await?;
    for (email, name) in PEOPLE {
        let user = store::users::User { id: user(email), email: email.to_owned(), name: name.to_owned() };
        store::users::insert(&mut change, &user, &hash, START).await?;
    }
    let named = [
        (
            "Acme Robotics",
            Plan::PulzeXSuite,
            "Europe/Zurich",
            &[("admin", Role::Admin), ("editor", Role::Editor), ("viewer", Role::Viewer), ("operations", Role::Admin)][..],
        ),
        ("Northwind Labs", Plan::Free, "America/New_York", &[("admin", Role::Admin), ("operations", Role::Editor)][..]),
        ("Globex", Plan::PulzeOne, "Asia/Tokyo", &[("admin", Role::Viewer), ("operations", Role::Admin)][..]),
    ];
    for (day, (name, plan, zone, members)) in named.into_iter().enumerate() {
        let at = START + i64::try_from(day).unwrap_or_default() * DAY;
        organization(&mut change, name, plan, zone, at, members).await?;
    }
    for index in 0..40_usize {
        let name = format!("{} {}", FIELDS[index % 10], KINDS[index / 10]);
        let plan = Plan::ALL[index % 3];
        let role = Role::ALL[(index + 2) % 3];
        let at = START + i64::try_from(index).unwrap_or_default() * DAY;
        organization(&mut change, &name, plan, "UTC", at, &[("many", role), ("operations", Role::Admin)]).await?;
    }
    Ok(change.commit().await?)
}

async fn organization(
    db: &mut store::Connection,
    name: &str,
    plan: Plan,
    zone: &str,
    at: i64,
    members: &[(&str, Role)],
) -> Result<()> {
    let id = OrganizationId::from_digits(&digits(name));
    let operations = user("operations@acme.test");
    let new = NewOrganization { id: &id, name, logo_url: "", plan, reporting_time_zone: zone, by: &operations, at };
    store::organizations::insert(db, &new).await?;
    for (person, role) in members {
        store::members::insert(db, &id, &user(&format!("{person}@acme.test")), *role, at).await?;
    }
    Ok(())
}

fn user(email: &str) -> UserId {
    UserId::from_digits(&digits(email))
}

/// The same 32 digits for the same name, every time.
fn digits(name: &str) -> String {
    crate::auth::token::hex(&Sha256::digest(name.as_bytes())[..16])
}
