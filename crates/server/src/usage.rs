//! Usage: calls are taken in, added up by quarter of an hour and by day, and asked about.
//!
//! [`ingest`] takes events, [`otlp`] and [`file_import`] bring theirs into the same form, [`question`] answers
//! from the sums, [`export`] writes them down. [`zone`] is the only module that knows calendars.

pub mod export;
pub mod file_import;
pub mod ingest;
pub mod measure;
pub mod model_names;
pub mod otlp;
pub mod question;
pub mod retention;
pub mod sums;
pub mod views;
pub mod zone;
