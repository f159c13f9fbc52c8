//! Parts of the app that arrive when they are wanted, each as a WebAssembly chunk of its own.
//!
//! `lazy_part!` declares one: everything that only it reaches moves into its chunk. That takes the
//! splitter (`cargo xtask build`, feature `split`); without it the part is simply there.

use crate::t;
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::load::{Shape, Skeleton};
use leptos::prelude::*;
use leptos::task::spawn_local;
use std::pin::Pin;
use std::sync::Arc;

/// The chunk did not arrive: no connection, or a newer release took its place on the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a part of the app could not be loaded")]
pub struct ChunkError;

impl From<leptos::wasm_split::SplitLoaderError> for ChunkError {
    fn from(_: leptos::wasm_split::SplitLoaderError) -> Self {
        Self
    }
}

/// Makes the view of a part out of what it is given.
pub type Make<A> = fn(A) -> AnyView;
/// Fetches a part. The second time it is there at once; after a failure it tries anew.
pub type Load<A> = fn() -> Pin<Box<dyn Future<Output = Result<Make<A>, ChunkError>>>>;

/// A function that fetches the chunk `$name` and gives what makes its view.
#[macro_export]
macro_rules! lazy_part {
    ($name:ident, |$given:ident: $type:ty| $view:expr) => {
        #[cfg(feature = "split")]
        #[::leptos::wasm_split::wasm_split($name, wasm_split_path = ::leptos::wasm_split, fallible)]
        fn $name() -> Result<$crate::ui::lazy::Make<$type>, $crate::ui::lazy::ChunkError> {
            Ok(|$given: $type| $view)
        }

        #[cfg(not(feature = "split"))]
        async fn $name() -> Result<$crate::ui::lazy::Make<$type>, $crate::ui::lazy::ChunkError> {
            Ok(|$given: $type| $view)
        }
    };
}

/// Fetches a part before it is needed. A failure shows where the part is used.
pub fn preload<A: 'static>(load: Load<A>) {
    spawn_local(async move {
        let _ = load().await;
    });
}

/// A part in its place: its shape while it comes, and what to do if it does not.
#[component]
pub fn Lazy<A: Clone + Send + Sync + 'static>(
    load: Load<A>,
    given: A,
    /// Lines of the skeleton.
    #[prop(default = 3)]
    lines: usize,
    #[prop(default = Shape::Text)] shape: Shape,
) -> impl IntoView {
    // What is the same for every part is there once, whatever the part is given.
    let fetch = move || -> Fetched {
        let given = given.clone();
        Box::pin(async move {
            let make = load().await?;
            let shown: Shown = Arc::new(move || make(given.clone()));
            Ok(shown)
        })
    };
    place(Arc::new(fetch), lines, shape)
}

/// A part that shows nothing and works in the background, once it has come. If it does not come, the page does without.
#[component]
pub fn Background(load: Load<()>) -> impl IntoView {
    let part = RwSignal::new(None::<Make<()>>);
    spawn_local(async move {
        if let Ok(make) = load().await {
            let _ = part.try_set(Some(make));
        }
    });
    move || part.get().map(|make| make(()))
}

type Shown = Arc<dyn Fn() -> AnyView + Send + Sync>;
type Fetched = Pin<Box<dyn Future<Output = Result<Shown, ChunkError>>>>;

fn place(fetch: Arc<dyn Fn() -> Fetched + Send + Sync>, lines: usize, shape: Shape) -> AnyView {
    let part = RwSignal::new(None::<Result<Shown, ChunkError>>);
    let fetch = move || {
        let fetched = fetch();
        spawn_local(async move {
            let loaded = fetched.await;
            // Nobody waits any more if the page was left meanwhile.
            let _ = part.try_set(Some(loaded));
        });
    };
    fetch();
    let again = Callback::new(move |()| {
        part.set(None);
        fetch();
    });
    let content = move || match part.get() {
        None => view! { <Skeleton lines shape/> }.into_any(),
        Some(Ok(shown)) => shown(),
        Some(Err(ChunkError)) => view! {
            <div class="failure" role="alert">
                <p>{t!(PartMissing)}</p>
                <div class="failure-actions">
                    <Button kind=ButtonKind::Primary on_click=move |()| browser::reload()>{t!(Reload)}</Button>
                    <Button on_click=again>{t!(TryAgain)}</Button>
                </div>
            </div>
        }
        .into_any(),
    };
    content.into_any()
}
