//! The design system: parts that know nothing of the product.

pub mod browser;
pub mod button;
pub mod check_list;
pub mod confirm_dialog;
pub mod copy_button;
pub mod date_field;
pub mod dialog;
pub mod field;
pub mod icon;
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
pub mod toast;
pub mod unsaved_changes;
