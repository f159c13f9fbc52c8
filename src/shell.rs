//! What stands around every page: frame, header, profile menu, side navigation, gate.

pub mod create_organization;
pub mod drafts;
pub mod frame;
pub mod header;
pub mod image_sentence;
pub mod interrupted;
#[expect(clippy::disallowed_methods, reason = "lives as long as the session")]
pub mod live;
pub mod logo_field;
pub mod manage;
pub mod member_finder;
pub mod not_found;
pub mod offline_banner;
pub mod organization_scope;
pub mod page;
#[expect(clippy::disallowed_methods, reason = "touches nothing but the session")]
pub mod palette;
#[expect(clippy::disallowed_methods, reason = "touches nothing but the session")]
pub mod preferences;
pub mod profile_menu;
pub mod provider_buttons;
pub mod received_invitation;
pub mod resource_access;
pub mod role;
pub mod sign_in;
pub mod switching;
pub mod tool_name;
