//! Demo data: the same people and organizations every time, only on a loopback address.

mod api_keys;
mod assistants_and_tools;
mod resources;
mod usage;

use crate::auth::password;
use crate::auth::seal::Sealer;
use crate::error::Result;
use crate::store::organizations::NewOrganization;
use crate::store::spaces::Content;
use crate::store::{self, Store, Tenant};
use pulze_contract::access_template::AccessTemplate;
use pulze_contract::invitation::VALID_DAYS;
use pulze_contract::member::RoleEnd;
use pulze_contract::organization::Plan;
use pulze_contract::space::{SpaceGrant, Visibility};
use pulze_contract::{AccessTemplateId, InvitationId, OrganizationId, Role, SpaceId, SpaceRole, UserId};
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
/// Members of Acme Robotics without a story of their own.
const COLLEAGUES: [&str; 12] = [
    "Amara Diallo",
    "Bruno Costa",
    "Chiara Romano",
    "Dmitri Sokolov",
    "Elif Demir",
    "Farid Haddad",
    "Grace Mwangi",
    "Hiro Tanaka",
    "Ingrid Berg",
    "Jonas Weber",
    "Kavya Nair",
    "Liam Byrne",
];
type SpaceStory = (&'static str, &'static str, Visibility, &'static [(&'static str, SpaceRole)]);
/// Spaces of Acme Robotics; the first person named made them.
const SPACES: [SpaceStory; 4] = [
    (
        "Customer Support",
        "Answers to customers, with the manuals of every robot.",
        Visibility::Organization,
        &[
            ("admin@acme.test", SpaceRole::Admin),
            ("editor@acme.test", SpaceRole::Editor),
            ("amara@acme.test", SpaceRole::Editor),
            ("bruno@acme.test", SpaceRole::Viewer),
        ],
    ),
    (
        "Research",
        "Papers, experiments and their discussion.",
        Visibility::Invited,
        &[("editor@acme.test", SpaceRole::Admin), ("elif@acme.test", SpaceRole::Editor), ("hiro@acme.test", SpaceRole::Viewer)],
    ),
    ("Marketing", "", Visibility::Organization, &[("chiara@acme.test", SpaceRole::Admin)]),
    (
        "Board",
        "Figures and minutes. Invited only.",
        Visibility::Invited,
        &[("admin@acme.test", SpaceRole::Admin), ("operations@acme.test", SpaceRole::Admin)],
    ),
];
/// 2026-01-05T09:00:00Z.
const START: i64 = 1_767_603_600_000;
const DAY: i64 = 86_400_000;

/// How many without a story of their own Acme Robotics gets, to see how long lists behave.
#[derive(Clone, Copy, Debug, Default)]
pub struct More {
    pub members: u32,
    pub assistants: u32,
    /// Keys whose secrets follow from their number: only for measuring.
    pub keys: u32,
}

/// Fills an empty database; does nothing to one that holds people.
///
/// # Errors
/// The database fails.
pub async fn fill(store: &Store, sealer: &Sealer, more: More) -> Result<()> {
    let mut change = store.change(Tenant::Installation).await?;
    if store::users::count(&mut change).await? > 0 {
        return Ok(());
    }
    let hash = password::hash(PASSWORD.to_owned()).await?;
    for (email, name) in PEOPLE {
        // Ada looks after the installation too, so that its pages can be seen.
        let administers_installation = email == "admin@acme.test";
        let user =
            store::users::User { id: user(email), email: email.to_owned(), name: name.to_owned(), administers_installation };
        insert(&mut change, &user, &hash, START).await?;
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
    acme(&mut change, &hash).await?;
    under_way(&mut change).await?;
    resources::resources(&mut change).await?;
    assistants_and_tools::assistants(&mut change, more.assistants).await?;
    assistants_and_tools::tools(&mut change, sealer).await?;
    api_keys::keys(&mut change).await?;
    api_keys::many_keys(&mut change, more.keys).await?;
    usage::usage(&mut change).await?;
    crowd(&mut change, &hash, more.members).await?;
    for index in 0..40_usize {
        let name = format!("{} {}", FIELDS[index % 10], KINDS[index / 10]);
        let plan = Plan::ALL[index % 3];
        let role = Role::ALL[(index + 2) % 3];
        let at = START + i64::try_from(index).unwrap_or_default() * DAY;
        organization(&mut change, &name, plan, "UTC", at, &[("many", role), ("operations", Role::Admin)]).await?;
    }
    change.commit().await
}

/// What makes Acme Robotics look lived in: more members, and spaces with roles in them.
async fn acme(db: &mut store::Connection, hash: &str) -> Result<()> {
    let id = OrganizationId::from_digits(&digits("Acme Robotics"));
    for (index, name) in COLLEAGUES.into_iter().enumerate() {
        let email = format!("{}@acme.test", name.split(' ').next().unwrap_or(name).to_lowercase());
        let person = store::users::User { id: user(&email), email, name: name.to_owned(), administers_installation: false };
        let at = START + (i64::try_from(index).unwrap_or_default() + 3) * 2 * DAY;
        insert(db, &person, hash, at).await?;
        let role = if index % 4 == 0 { Role::Editor } else { Role::Viewer };
        store::members::insert(db, &id, &person.id, role, at).await?;
    }
    for (name, description, visibility, members) in SPACES {
        let space = SpaceId::from_digits(&digits(name));
        let content = Content { name, description, logo_url: "", visibility, archived_at: 0 };
        store::spaces::insert(db, &id, &space, &content, &user(members[0].0), START + 4 * DAY).await?;
        for (email, role) in members {
            store::spaces::grant(db, &id, &space, &user(email), *role, 0, START + 5 * DAY).await?;
        }
    }
    Ok(())
}

/// What is under way at Acme Robotics and Northwind Labs, counted from today: invitations, ends, a template.
async fn under_way(db: &mut store::Connection) -> Result<()> {
    let (acme, northwind) =
        (OrganizationId::from_digits(&digits("Acme Robotics")), OrganizationId::from_digits(&digits("Northwind Labs")));
    let now = crate::now();
    let research = SpaceGrant { space_id: SpaceId::from_digits(&digits("Research")), role: SpaceRole::Viewer };
    let support = SpaceGrant { space_id: SpaceId::from_digits(&digits("Customer Support")), role: SpaceRole::Editor };
    // Address, role, spaces, days since it was sent, whether it was declined, organization.
    let invitations = [
        ("sofia@partner.test", Role::Editor, vec![research.clone(), support.clone()], 1, false, &acme),
        ("noah@partner.test", Role::Viewer, Vec::new(), 9, false, &acme),
        ("zara@partner.test", Role::Viewer, Vec::new(), 4, true, &acme),
        ("editor@acme.test", Role::Editor, Vec::new(), 2, false, &northwind),
    ];
    for (email, role, spaces, days, declined, organization) in invitations {
        let id = InvitationId::from_digits(&digits(email));
        let new = store::invitations::New {
            id: &id,
            email,
            role,
            message: "",
            // Nobody knows the secret: these links exist in no mail.
            secret_hash: &digits(&format!("secret {email}")),
            by: &user("admin@acme.test"),
            at: now - days * DAY,
            expires_at: now - days * DAY + VALID_DAYS * DAY,
            ends_at: 0,
            spaces: &spaces,
        };
        store::invitations::insert(db, organization, &new).await?;
        if declined {
            store::invitations::set_declined(db, organization, &id, now - DAY).await?;
        }
    }
    let until = |days: i64, then| Some(RoleEnd { at: now + days * DAY, then });
    store::members::update(db, &acme, &user("liam@acme.test"), Role::Editor, until(6, Some(Role::Viewer))).await?;
    store::members::update(db, &acme, &user("kavya@acme.test"), Role::Viewer, until(30, None)).await?;
    let hiro = user("hiro@acme.test");
    store::spaces::grant(db, &acme, &research.space_id, &hiro, SpaceRole::Viewer, now + 14 * DAY, now).await?;
    let contractor = AccessTemplate {
        id: AccessTemplateId::from_digits(&digits("Contractor")),
        name: "Contractor".to_owned(),
        role: Role::Viewer,
        spaces: vec![support],
        ends_after_days: Some(90),
    };
    store::access_templates::put(db, &acme, &contractor).await?;
    store::organizations::set_seats(db, &northwind, 5).await?;
    Ok(())
}

/// Members of Acme Robotics by number.
async fn crowd(db: &mut store::Connection, hash: &str, count: u32) -> Result<()> {
    let id = OrganizationId::from_digits(&digits("Acme Robotics"));
    for index in 0..count {
        let (first, last) = (COLLEAGUES[index as usize % 12], COLLEAGUES[index as usize / 12 % 12]);
        let name = format!("{} {} {index}", first.split(' ').next().unwrap_or(first), last.split(' ').nth(1).unwrap_or(last));
        let email = format!("member{index}@acme.test");
        let person = store::users::User { id: user(&email), email, name, administers_installation: false };
        let at = START + i64::from(index) * 60_000;
        insert(db, &person, hash, at).await?;
        store::members::insert(db, &id, &person.id, Role::ALL[index as usize % 2], at).await?;
    }
    Ok(())
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

/// A person of the demo data: their addresses are nobody's, so they count as verified.
async fn insert(db: &mut store::Connection, person: &store::users::User, hash: &str, at: i64) -> Result<()> {
    store::users::insert(db, person, hash, at).await?;
    store::users::set_email_verified(db, &person.id, at).await?;
    Ok(())
}

fn user(email: &str) -> UserId {
    UserId::from_digits(&digits(email))
}

/// The same 32 digits for the same name, every time.
fn digits(name: &str) -> String {
    crate::auth::token::hex(&Sha256::digest(name.as_bytes())[..16])
}
