//! Passwords, session tokens, sealed secrets, and other services to sign in by.

pub mod openid;
pub mod password;
pub mod seal;
pub mod token;
