//! `/outbox`: the mails of the installation, for those who look after it.

use crate::client::{self, Reading};
use crate::i18n::{Key, date_time, label, text_with, words};
use crate::lazy_part;
use crate::session::Session;
use crate::shell::not_found::NotFoundPage;
use crate::shell::page::PageTitle;
use crate::ui::lazy::{Lazy, Load};
use crate::ui::load::{Failure, Skeleton};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::mail::{Mail, MailList, MailState};

#[component]
pub fn OutboxPage() -> impl IntoView {
    let viewer = Session::expect().viewer();
    let mine = Memo::new(move |_| viewer.read().as_ref().is_some_and(|viewer| viewer.administers_installation));
    move || {
        if mine.get() { view! { <Lazy load=OUTBOX given=() lines=5/> }.into_any() } else { view! { <NotFoundPage/> }.into_any() }
    }
}

const OUTBOX: Load<()> = || Box::pin(outbox());

lazy_part!(outbox, |_given: ()| view! { <Outbox/> }.into_any());

#[component]
fn Outbox() -> impl IntoView {
    let reading = Reading::new(client::mail_list);
    view! {
        <main class="page" id="content">
            <PageTitle title=Signal::derive(t!(Outbox)) purpose=Signal::derive(t!(OutboxPurpose))/>
            {move || match reading.get() {
                None => view! { <Skeleton lines=5/> }.into_any(),
                Some(Err(error)) => view! { <Failure error on_retry=move |()| reading.again()/> }.into_any(),
                Some(Ok(list)) => view! { <Mails list/> }.into_any(),
            }}
        </main>
    }
}

#[component]
fn Mails(list: MailList) -> impl IntoView {
    let MailList { delivers, mails, .. } = list;
    let empty = mails.is_empty();
    view! {
        {(!delivers).then(|| view! { <p class="note">{t!(OutboxKept)}</p> })}
        {empty.then(|| view! { <p class="card empty">{t!(OutboxEmpty)}</p> })}
        <ul class="mails">{mails.into_iter().map(|mail| view! { <MailItem mail/> }).collect_view()}</ul>
    }
}

#[component]
fn MailItem(mail: Mail) -> impl IntoView {
    let Mail { recipient, subject, text: body, state, created_at, error, .. } = mail;
    let (badge, kind) = match state {
        MailState::Kept => (Key::MailKept, ""),
        MailState::Waiting => (Key::MailWaiting, "warning"),
        MailState::Sent => (Key::MailSent, "accent"),
        MailState::Failed => (Key::MailFailed, "danger"),
    };
    view! {
        <li>
            <details class="card mail">
                <summary>
                    <span class="person-text">
                        <span class="person-name"><bdi translate="no">{subject}</bdi><span class="badge" data-kind=kind>{label(badge)}</span></span>
                        <span class="person-email">{words(move || text_with(Key::MailTo, args!(name = recipient.clone())))}</span>
                    </span>
                    <time class="quiet">{words(move || date_time(created_at))}</time>
                </summary>
                {(!error.is_empty()).then(|| view! { <p class="form-error">{error}</p> })}
                {if body.is_empty() {
                    view! { <p class="quiet">{t!(MailTextGone)}</p> }.into_any()
                } else {
                    view! { <MailText body/> }.into_any()
                }}
            </details>
        </li>
    }
}

/// The text as it would be sent; the line that is a link can be followed.
#[component]
fn MailText(body: String) -> impl IntoView {
    let lines = body.lines().map(|line| {
        let line = line.to_owned();
        let is_link = line.starts_with("http://") || line.starts_with("https://");
        if is_link {
            // In a tab of its own: the reader of the outbox is not the invited.
            view! { <a href=line.clone() target="_blank" rel="noopener noreferrer">{line.clone()}</a>"\n" }.into_any()
        } else {
            view! { {line}"\n" }.into_any()
        }
    });
    let lines = lines.collect_view();
    view! { <div class="mail-text" dir="auto">{lines}</div> }
}
