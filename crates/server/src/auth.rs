//! Passwords, session tokens and sealed secrets.

pub mod password;
pub mod seal;
pub mod token;
