//! Whether a key opens, asked by gateways.

use super::{Scope, ScopeLevel};
use crate::{ApiKeyId, OrganizationId, SpaceId, UserId};
use serde::{Deserialize, Serialize};

/// Body of `api_key_verify`: what a gateway is about to do for the holder of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct KeyVerify {
    pub key: String,
    pub scope: Scope,
    pub level: ScopeLevel,
    #[serde(default)]
    pub model: Option<String>,
    #[serde(default)]
    pub space_id: Option<SpaceId>,
    /// Where the request came from: one address, with or without a port.
    #[serde(default)]
    pub address: String,
    /// By what: the client's `User-Agent`.
    #[serde(default)]
    pub client: String,
}

/// The first reason why a key does not open; in the order in which they are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Denial {
    /// Not a key by its form, or none that was ever made.
    Unknown,
    Revoked,
    /// The key, or this secret of it, is no longer good.
    Expired,
    Disabled,
    OwnerLeft,
    /// The organization's plan has no keys.
    Plan,
    Address,
    Scope,
    Space,
    Model,
    /// More requests within this minute than it may make.
    Rate,
    /// It has cost what it may cost this month.
    Spending,
}

/// Answer of `api_key_verify`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct KeyVerified {
    pub allowed: bool,
    pub denial: Option<Denial>,
    /// Absent for an unknown key.
    pub key_id: Option<ApiKeyId>,
    pub organization_id: Option<OrganizationId>,
    pub owner_id: Option<UserId>,
}
