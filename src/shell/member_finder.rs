//! Finds a member of the organization by what is typed: nobody is offered before that.

use crate::client::{self, Reading};
use crate::i18n::{Key, label};
use crate::t;
use crate::ui::field::unique_id;
use crate::ui::load::Failure;
use crate::ui::logo::Logo;
use leptos::prelude::*;
use pulze_contract::member::{MemberList, MemberQuery, MemberStatus};
use pulze_contract::{OrganizationId, UserId};

/// Most members that are offered at once.
const OFFERED: usize = 6;

#[component]
pub fn MemberFinder(
    organization: OrganizationId,
    title: Key,
    /// What happens to the one who is chosen, in a word.
    action: Key,
    /// Those who are there already, and are not offered.
    #[prop(into)]
    inside: Signal<Vec<UserId>>,
    /// Identifier and name of who was chosen.
    #[prop(into)]
    on_found: Callback<(UserId, String)>,
    /// What else is decided about them, between the search and the offers.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let search = RwSignal::new(String::new());
    let found = Reading::new(move || {
        let organization = organization.clone();
        let status = Some(MemberStatus::Member);
        let query = MemberQuery { search: search.get().trim().to_owned(), status, ..MemberQuery::default() };
        async move {
            if query.search.is_empty() {
                return Ok(MemberList { total: 0, offset: 0, entries: Vec::new() });
            }
            client::member_list(&organization, &query, 0).await
        }
    });
    let candidates = move || {
        let inside = inside.get();
        let people = found.get().and_then(Result::ok).into_iter().flat_map(MemberList::into_members);
        people.filter(move |person| !inside.contains(&person.user_id)).take(OFFERED)
    };
    let id = unique_id("find");
    view! {
        <div class="field">
            <label class="field-label" for=id.clone()>{label(title)}</label>
            <input class="input" id=id type="search" autocomplete="off" placeholder=t!(FindMember) bind:value=search/>
        </div>
        {children.map(|children| children())}
        {move || found.get().and_then(Result::err).map(|error| view! { <Failure error on_retry=move |()| found.again()/> })}
        <ul class="people" aria-label=t!(Found)>
            {move || candidates().map(|person| {
                let (id, name) = (person.user_id.clone(), person.name.clone());
                view! {
                    <li>
                        <button class="menu-item" type="button" on:click=move |_| {
                            on_found.try_run((id.clone(), name.clone()));
                            search.set(String::new());
                        }>
                            <Logo name=person.name.clone() identifier=person.user_id.to_string()/>
                            <span class="person-text">
                                <span class="person-name"><bdi translate="no">{person.name.clone()}</bdi></span>
                                <span class="person-email">{person.email.clone()}</span>
                            </span>
                            <span class="menu-item-detail">{label(action)}</span>
                        </button>
                    </li>
                }
            }).collect_view()}
        </ul>
    }
}
