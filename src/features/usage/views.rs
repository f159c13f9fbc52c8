//! Questions kept by a name: chosen from a list, kept, forgotten.

use super::Asking;
use super::page_query::PageQuery;
use crate::client::{self, Reading};
use crate::i18n::{Key, text_with};
use crate::paths;
use crate::session::submission::Submission;
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::dialog::Dialog;
use crate::ui::field::TextField;
use crate::ui::icon::Icon;
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::usage::{UsageView, UsageViewCreate};

#[component]
pub fn Views(asking: Asking) -> impl IntoView {
    let open = RwSignal::new(false);
    view! {
        <button class="button" data-kind="quiet" type="button" aria-haspopup="dialog" on:click=move |_| open.set(true)>{t!(SavedViews)}</button>
        <Dialog open title=Signal::derive(t!(SavedViews))>
            <Kept asking open/>
        </Dialog>
    }
}

/// The question as it stands in the address, without what leads to it.
fn written(query: &PageQuery) -> String {
    paths::query(&query.pairs()).trim_start_matches('?').to_owned()
}

fn read(query: &str) -> PageQuery {
    PageQuery::read(|name| {
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let value = pairs.into_iter().find(|(other, _)| *other == name).map(|(_, value)| value.to_owned());
        value.and_then(|value| js_sys::decode_uri_component(&value).ok()).map(String::from)
    })
}

#[component]
fn Kept(asking: Asking, open: RwSignal<bool>) -> impl IntoView {
    let toasts = Toasts::expect();
    let views = Reading::new(move || {
        let organization = asking.organization.get_value();
        async move { client::usage_view_list(&organization).await }
    });
    let name = RwSignal::new(String::new());
    let sending = Submission::of_form();
    let (busy, error) = (sending.busy(), sending.failure());
    let keep = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let organization = asking.organization.get_value();
        let body = UsageViewCreate { name: name.get_untracked(), query: written(&asking.query.get_untracked()) };
        let request = async move { client::usage_view_create(&organization, &body, &browser::random_key()).await };
        sending.send(request, move |view| {
            toasts.show(Toast::good(text_with(Key::ViewKept, args!(name = view.name.clone()))));
            name.set(String::new());
            views.again();
        });
    };
    let wrong = Signal::derive(move || error.get().and_then(|error| error.of_field("name").or(Some(error.sentence()))));
    let none = move || views.get().and_then(Result::ok).is_some_and(|list| list.views.is_empty());
    let all = move || views.get().and_then(Result::ok).map(|list| list.views).unwrap_or_default();
    view! {
        <div class="dialog-form">
            <ul class="views">
                {move || all().into_iter().map(|view| view! { <KeptView asking view open again=Callback::new(move |()| views.again())/> }).collect_view()}
            </ul>
            <p class="quiet" hidden=move || !none()>{t!(ViewsNone)}</p>
            <form class="keep-view" novalidate=true on:submit=keep>
                <TextField label=Signal::derive(t!(ViewName)) value=name error=wrong hint=Signal::derive(t!(ViewHint))/>
                <div><Button kind=ButtonKind::Primary submits=true busy>{t!(ViewKeep)}</Button></div>
            </form>
        </div>
    }
}

#[component]
fn KeptView(asking: Asking, view: UsageView, open: RwSignal<bool>, again: Callback<()>) -> impl IntoView {
    let sending = Submission::of_button();
    let query = read(&view.query);
    let (id, name) = (StoredValue::new(view.id), view.name.clone());
    let show = move |_| {
        open.set(false);
        asking.go.try_run(query.clone());
    };
    let forget = move |_| {
        let (organization, id) = (asking.organization.get_value(), id.get_value());
        sending.send(async move { client::usage_view_delete(&organization, id.as_str()).await }, move |()| {
            again.try_run(());
        });
    };
    view! {
        <li>
            <button class="link" type="button" on:click=show><bdi translate="no">{view.name}</bdi></button>
            <button class="button" data-kind="quiet" type="button" aria-label=move || text_with(Key::ViewForget, args!(name = name.clone())) on:click=forget>
                <Icon name="close"/>
            </button>
        </li>
    }
}
