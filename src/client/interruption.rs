//! What can come between a request and its answer: the session has ended, or it is dangerous and asks who one is.
//! The page keeps what was typed, asks in place, and the same request is sent again.

use std::cell::RefCell;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interruption {
    /// Nobody is signed in any more.
    SignedOut,
    /// It is too long ago that the person proved who they are.
    FreshSignIn,
}

/// Asks the person; whether the request is to be sent again.
type Handler = Rc<dyn Fn(Interruption) -> Pin<Box<dyn Future<Output = bool>>>>;

thread_local! {
    static HANDLER: RefCell<Option<Handler>> = const { RefCell::new(None) };
}

/// Says who asks. Without anybody, on a host's page, a refusal stays one.
pub fn handle(handler: Option<Handler>) {
    HANDLER.with(|current| *current.borrow_mut() = handler);
}

/// Whether the request is to be sent again.
pub async fn ask(interruption: Interruption) -> bool {
    let handler = HANDLER.with(|current| current.borrow().clone());
    match handler {
        Some(handler) => handler(interruption).await,
        None => false,
    }
}
