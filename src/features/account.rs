//! One's own account: who one is, how one signs in and where, and the organizations that one belongs to.

mod email_state;
mod identities;
mod memberships;
mod password_form;
mod profile_form;
mod session_list;

use crate::client::{self, Reading};
use crate::lazy_part;
use crate::session::Session;
use crate::shell::page::PageTitle;
use crate::t;
use crate::ui::lazy::{Lazy, Load};
use crate::ui::load::{Failure, Shape, Skeleton};
use identities::Identities;
use leptos::prelude::*;
use memberships::Memberships;
use password_form::PasswordForm;
use profile_form::ProfileForm;
use pulze_contract::account::Account;
use session_list::SessionListView;

const ACCOUNT: Load<()> = || Box::pin(account());

lazy_part!(account, |_given: ()| view! { <Shown/> }.into_any());

#[component]
pub fn AccountPage() -> impl IntoView {
    view! {
        <main class="page" id="content">
            <PageTitle title=Signal::derive(t!(Account)) purpose=Signal::derive(t!(AccountPurpose))/>
            <Lazy load=ACCOUNT given=() lines=8 shape=Shape::Form/>
        </main>
    }
}

#[component]
fn Shown() -> impl IntoView {
    let session = Session::expect();
    let reading = Reading::new(client::account_read);
    let account = RwSignal::new(None::<Account>);
    Effect::new(move || match reading.get() {
        Some(Ok(read)) => account.set(Some(read)),
        Some(Err(error)) => session.learn_from(&error),
        None => {}
    });
    let failure = move || reading.get().and_then(Result::err).filter(|_| account.read().is_none());
    let there = Memo::new(move |_| account.read().is_some());
    let again = Callback::new(move |()| reading.again());
    // Changed on another device: the parts that only show follow; a form keeps what is typed.
    let viewer = session.viewer();
    Effect::new(move |before: Option<()>| {
        let _ = viewer.get();
        if before.is_some() {
            reading.again();
        }
    });
    view! {
        {move || failure().map(|error| view! { <Failure error on_retry=again/> })}
        {move || (!there.get() && failure().is_none()).then(|| view! { <Skeleton lines=8 shape=Shape::Form/> })}
        {move || there.get().then(|| account.get_untracked()).flatten().map(|base| {
            let has_password = base.has_password;
            view! {
                <div class="account">
                    <ProfileForm base on_saved=move |saved| account.set(Some(saved))/>
                    <div class="account-side">
                        <PasswordForm has_password on_changed=again/>
                        <Identities account on_changed=again/>
                        <SessionListView/>
                        <Memberships/>
                    </div>
                </div>
            }
        })}
    }
}
