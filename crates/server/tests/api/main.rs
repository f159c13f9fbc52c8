//! The API as a client meets it, on SQLite and on PostgreSQL (where `PULZE_TEST_POSTGRES` names one).
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod account;
mod api_keys;
mod assistants;
mod away;
mod bodies;
mod client_addresses;
mod fresh_sign_in;
mod grants;
mod hidden;
mod hostile_text;
mod invitations;
mod last_admin;
mod mails;
mod members;
mod neighbours;
mod openid;
mod organizations;
mod otlp;
mod permission_matrix;
mod provider;
mod proxies;
mod resource_access;
mod resources;
mod schemas;
mod security;
mod sessions;
mod shared_batches;
mod spaces;
mod surface;
mod test_app;
mod tools;
mod usage;
mod usage_files;
mod verified_addresses;
