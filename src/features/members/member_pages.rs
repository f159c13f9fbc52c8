//! The rows of the list as they are fetched: a hundred at a time, where somebody looks.

use crate::client::{self, ClientError, Listener};
use crate::paths;
use crate::session::Session;
use crate::shell::page::page_query;
use leptos::prelude::*;
use leptos_router::NavigateOptions;
use leptos_router::hooks::use_navigate;
use pulze_contract::OrganizationId;
use pulze_contract::member::{Member, MemberEntry, MemberQuery, PAGE_MAX};

/// One list: its question stands in the address, its rows come as they are wanted.
#[derive(Clone, Copy)]
pub struct MemberPages {
    pub organization: StoredValue<OrganizationId>,
    pub query: Memo<MemberQuery>,
    /// Rows that fit, once it is known.
    pub total: RwSignal<Option<u32>>,
    /// What was fetched, by page. Few enough to be walked through: hash tables would weigh more than the walk.
    pages: RwSignal<Vec<(u32, Vec<MemberEntry>)>>,
    pub failure: RwSignal<Option<ClientError>>,
    /// Whether the rows on screen answer an older question.
    pub stale: RwSignal<bool>,
    asked: StoredValue<Vec<u32>>,
    /// Counts questions, so that a late answer to an older one is not taken for this one's.
    question: StoredValue<u32>,
    listener: Listener,
    go: Callback<MemberQuery>,
}

impl MemberPages {
    pub fn new() -> Self {
        let session = Session::expect();
        let none = || OrganizationId::from_digits("");
        let organization = StoredValue::new(session.organization_id().get_untracked().unwrap_or_else(none));
        let parameters = page_query();
        let query = Memo::new(move |_| MemberQuery::read(|name| parameters.read().get(name)));
        let navigate = use_navigate();
        let go = Callback::new(move |query: MemberQuery| {
            let path = paths::manage(&organization.get_value(), paths::MEMBERS) + &paths::query(&query.pairs());
            navigate(&path, NavigateOptions { replace: true, scroll: false, ..Default::default() });
        });
        let pages = Self {
            organization,
            query,
            total: RwSignal::new(None),
            pages: RwSignal::new(Vec::new()),
            failure: RwSignal::new(None),
            stale: RwSignal::new(false),
            asked: StoredValue::new(Vec::new()),
            question: StoredValue::new(0),
            listener: Listener::here(),
            go,
        };
        Effect::new(move || {
            query.track();
            pages.reload();
        });
        pages
    }

    /// The row at a place among all that fit, once it is there. Reactive.
    pub fn row(self, place: u32) -> Option<MemberEntry> {
        let pages = self.pages.read();
        let (_, rows) = pages.iter().find(|(page, _)| *page == place / PAGE_MAX)?;
        rows.get(place as usize % PAGE_MAX as usize).cloned()
    }

    /// Asks another question: the address changes, and the rows follow.
    pub fn ask(self, change: impl FnOnce(&mut MemberQuery)) {
        // Nobody asks any more where the page was left during a pause in typing.
        let Some(before) = self.query.try_get_untracked() else { return };
        let mut query = before.clone();
        change(&mut query);
        if query != before {
            self.go.try_run(query);
        }
    }

    /// Fetches anew; what is on screen stays until the answer is there.
    pub fn reload(self) {
        self.question.update_value(|question| *question += 1);
        self.asked.set_value(Vec::new());
        self.failure.set(None);
        self.stale.set(true);
        self.want(0, 1);
    }

    /// Makes sure that the rows from `first` up to `last` are there or on their way.
    pub fn want(self, first: u32, last: u32) {
        for page in first / PAGE_MAX..=last.saturating_sub(1) / PAGE_MAX {
            let new = self.asked.try_update_value(|asked| {
                let new = !asked.contains(&page);
                if new {
                    asked.push(page);
                }
                new
            });
            if new == Some(true) {
                self.fetch(page);
            }
        }
    }

    /// How many members fit, once every row is there: invitations are rows as well. Reactive.
    pub fn members_known(self) -> Option<usize> {
        let pages = self.pages.read();
        let rows: usize = pages.iter().map(|(_, rows)| rows.len()).sum();
        let whole = self.total.get().is_some_and(|total| usize::try_from(total) == Ok(rows));
        whole.then(|| pages.iter().flat_map(|(_, rows)| rows).filter(|entry| entry.member().is_some()).count())
    }

    /// Every member that fits, also those that nobody has looked at yet.
    pub fn every_member(self) -> impl Future<Output = client::Result<Vec<Member>>> + 'static {
        let (organization, query) = (self.organization.get_value(), self.query.get_untracked());
        async move {
            let mut members = Vec::new();
            let (mut offset, mut total) = (0, None);
            loop {
                let list = client::member_list(&organization, &query, offset).await?;
                // Somebody came or went since the page before: places have moved, and somebody would be skipped.
                if total.is_some_and(|total| total != list.total) {
                    members.clear();
                    (offset, total) = (0, None);
                    continue;
                }
                total = Some(list.total);
                members.extend(list.entries.iter().filter_map(MemberEntry::member).cloned());
                offset += PAGE_MAX;
                if offset >= list.total {
                    return Ok(members);
                }
            }
        }
    }

    fn fetch(self, page: u32) {
        let question = self.question.get_value();
        let (organization, query) = (self.organization.get_value(), self.query.get_untracked());
        let answer = async move { client::member_list(&organization, &query, page * PAGE_MAX).await };
        self.listener.hear(answer, move |answer| {
            if self.question.get_value() != question {
                return;
            }
            match answer {
                // Somebody came or went since the other rows were read: places have moved, and somebody would be skipped.
                Ok(list)
                    if !self.stale.get_untracked() && self.total.get_untracked().is_some_and(|total| total != list.total) =>
                {
                    self.reload();
                }
                Ok(list) => {
                    self.pages.update(|pages| {
                        if self.stale.get_untracked() {
                            pages.clear();
                        }
                        pages.push((page, list.entries));
                    });
                    self.total.set(Some(list.total));
                    self.stale.set(false);
                }
                Err(error) => {
                    self.asked.update_value(|asked| asked.retain(|other| *other != page));
                    self.failure.set(Some(error));
                }
            }
        });
    }
}
