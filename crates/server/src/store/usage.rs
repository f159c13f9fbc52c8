//! Calls, the combinations that they are told apart by, and their sums by quarter of an hour and by day.

mod calls;
mod counters;
mod extent;
mod facts;
mod imports;
mod recent;
mod series;
mod spans;
mod statement;
mod sums;
mod views;

pub use calls::*;
pub use counters::*;
pub use extent::*;
pub use facts::*;
pub use imports::*;
pub use recent::*;
pub use series::*;
pub use spans::*;
pub use statement::*;
pub use sums::*;
pub use views::*;
