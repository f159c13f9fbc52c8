//! Usage: what gateways report, and what pages ask of it.
//!
//! Events are single calls. The server keeps them for a while and adds them up by quarter of an hour
//! and by day of the organization's reporting time zone; every question is answered from those sums.

mod answer;
mod call;
mod event;
mod latency;
mod question;
mod view;

pub use answer::*;
pub use call::*;
pub use event::*;
pub use latency::*;
pub use question::*;
pub use view::*;
