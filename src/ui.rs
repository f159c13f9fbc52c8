//! The design system: parts that know nothing of the product.

pub mod browser;
pub mod button;
pub mod check_list;
pub mod confirm_dialog;
pub mod copy_button;
pub mod date_field;
pub mod dialog;
pub mod field;
pub mod focus;
pub mod icon;
pub mod jump;
#[expect(clippy::disallowed_methods, reason = "what arrives looks whether anybody waits")]
pub mod lazy;
pub mod load;
pub mod logo;
pub mod number;
pub mod rows_in_sight;
pub mod search_field;
pub mod selection;
pub mod sort_header;
pub mod spreadsheet_menu;
pub mod switch;
#[expect(clippy::disallowed_methods, reason = "messages outlive every page")]
pub mod toast;
pub mod unsaved_changes;
