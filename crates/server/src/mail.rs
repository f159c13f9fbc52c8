//! Mails: composed in the organization's language, handed to the mail server, or kept to be read.

mod compose;
mod deliver;

pub use compose::{Composed, InvitationMail, LeakMail, VerificationMail};
pub use deliver::{Delivery, deliver_waiting, run};
