//! The pages, one module per thing with a name.

pub mod general;
pub mod home;
pub mod overview;
