//! API keys: their form, what they may do, and what state they are in.

mod change;
mod content;
mod format;
mod key;
mod leak;
mod scope;
mod status;
mod verify;

pub use change::*;
pub use content::*;
pub use format::*;
pub use key::*;
pub use leak::*;
pub use scope::*;
pub use status::*;
pub use verify::*;
