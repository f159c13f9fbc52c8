//! The pages, one module per thing with a name.

pub mod account;
pub mod api_keys;
pub mod assistants;
pub mod general;
pub mod home;
pub mod invitation;
pub mod members;
pub mod models;
pub mod outbox;
pub mod overview;
pub mod routers;
pub mod spaces;
pub mod tools;
pub mod usage;
pub mod verify;
