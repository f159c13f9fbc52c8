//! What is asked: range, metric, groups, buckets and the kind of chart; files, and views kept by name.

use super::Asking;
use super::figures::{dimension_key, granularity_key, metric_key, range_key};
use super::page_query::{chart_name, chart_named};
use super::views::Views;
use crate::charts::chart::Kind;
use crate::client::{self, Listener};
use crate::i18n::{Key, text};
use crate::t;
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::copy_button::CopyButton;
use crate::ui::date_field::DateField;
use crate::ui::field::SelectField;
use crate::ui::icon::Icon;
use crate::ui::spreadsheet_menu::SpreadsheetMenu;
use crate::ui::toast::{Toast, Toasts};
use leptos::prelude::*;
use pulze_contract::table::TableFormat;
use pulze_contract::usage::{Dimension, Granularity, Metric, Range, UsageQuery, is_day};

/// In place of a range: two days to choose.
const OWN: &str = "own";

#[component]
pub fn Toolbar(asking: Asking) -> impl IntoView {
    let query = asking.query;
    let choosing = RwSignal::new(matches!(query.get_untracked().usage.range, Range::Span(..)));
    let range = Memo::new(move |_| match query.read().usage.range {
        Range::Span(..) => OWN.to_owned(),
        _ if choosing.get() => OWN.to_owned(),
        ref range => range.text(),
    });
    let ranges = Signal::derive(|| {
        let named = Range::NAMED.map(|(range, name)| (name.to_owned(), text(range_key(&range))));
        named.into_iter().chain([(OWN.to_owned(), text(Key::RangeOwn))]).collect::<Vec<_>>()
    });
    let set_range = move |to: String| {
        choosing.set(to == OWN);
        if let Some(range) = Range::parse(&to) {
            asking.ask(|query| {
                query.usage.range = range;
                query.usage.granularity = None;
            });
        }
    };
    let metrics = Signal::derive(|| Metric::ALL.map(|metric| (metric.as_str().to_owned(), text(metric_key(metric)))).to_vec());
    let groups = Signal::derive(move || {
        let dimensions = Dimension::ALL.into_iter().filter(|dimension| !(asking.own && *dimension == Dimension::Member));
        let all = dimensions.map(|dimension| (dimension.as_str().to_owned(), text(dimension_key(dimension))));
        [(String::new(), text(Key::GroupNone))].into_iter().chain(all).collect::<Vec<_>>()
    });
    // Which buckets fit the range, the answer says. Until then, and when it fails, there is what was asked for.
    let granularity = Signal::derive(move || {
        let answered = asking.usage.known.read().as_ref().map(|usage| usage.granularity);
        answered.or(query.read().usage.granularity).map(Granularity::as_str).unwrap_or_default().to_owned()
    });
    let granularities = Signal::derive(move || {
        let option = |one: Granularity| (one.as_str().to_owned(), text(granularity_key(one)));
        match (asking.usage.known.read().as_ref(), query.read().usage.granularity) {
            (Some(usage), _) => usage.granularities.iter().copied().map(option).collect(),
            (None, Some(asked)) => vec![option(asked)],
            (None, None) => vec![(String::new(), text(Key::GranularityUsual))],
        }
    });
    let charts = Signal::derive(move || {
        let all = [(Kind::Columns, Key::ChartColumns), (Kind::Lines, Key::ChartLines), (Kind::Cumulative, Key::ChartCumulative)];
        let adds_up = query.read().usage.metric.adds_up();
        let fitting = all.into_iter().filter(|(kind, _)| adds_up || *kind == Kind::Lines);
        fitting.map(|(kind, key)| (chart_name(kind).to_owned(), text(key))).collect::<Vec<_>>()
    });
    view! {
        <div class="toolbar toolbar-usage" role="search" aria-label=t!(UsageQuestion)>
            <SelectField label=Signal::derive(t!(UsageRange)) value=range options=ranges on_change=set_range/>
            <SelectField
                label=Signal::derive(t!(UsageMetric))
                value=Signal::derive(move || query.read().usage.metric.as_str().to_owned())
                options=metrics
                on_change=move |to: String| asking.ask(|query| query.set_metric(Metric::parse(&to).unwrap_or_default()))
            />
            <SelectField
                label=Signal::derive(t!(UsageGroup))
                value=Signal::derive(move || query.read().usage.group.map(Dimension::as_str).unwrap_or_default().to_owned())
                options=groups
                on_change=move |to: String| asking.ask(|query| query.usage.group = Dimension::parse(&to))
            />
            <SelectField
                label=Signal::derive(t!(UsageGranularity))
                value=granularity
                options=granularities
                on_change=move |to: String| asking.ask(|query| query.usage.granularity = Granularity::parse(&to))
            />
            <SelectField
                label=Signal::derive(t!(UsageChart))
                value=Signal::derive(move || chart_name(query.read().drawn()).to_owned())
                options=charts
                on_change=move |to: String| asking.ask(|query| query.chart = chart_named(&to))
            />
        </div>
        {move || (*range.read() == OWN).then(|| view! { <OwnRange asking/> })}
        <div class="usage-actions">
            <label class="check-line">
                <input
                    type="checkbox"
                    prop:checked=move || query.read().usage.compare
                    on:change:target=move |event| {
                        let compare = event.target().checked();
                        asking.ask(|query| query.usage.compare = compare);
                    }
                />
                <span>{t!(ComparePeriod)}</span>
            </label>
            <button class="button" data-kind="quiet" type="button" aria-pressed=move || query.read().calls.to_string() on:click=move |_| asking.ask(|query| query.calls = !query.calls)>
                {t!(CallsShow)}
            </button>
            <Views asking/>
            <CopyLink asking/>
            {(!asking.own).then(|| view! { <Files asking/> })}
        </div>
    }
}

/// Two days, both included.
#[component]
fn OwnRange(asking: Asking) -> impl IntoView {
    let day = |text: &str| text.chars().take(10).collect::<String>();
    let (from, to) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    // A span comes from here, and from a click or a selection in the chart.
    Effect::new(move || {
        if let Range::Span(first, last) = &asking.query.read().usage.range {
            from.set(day(first));
            to.set(day(last));
        }
    });
    let wrong = Signal::derive(move || {
        let (from, to) = (from.read(), to.read());
        (is_day(&from) && is_day(&to) && *from > *to).then(|| text(Key::RangeBackwards))
    });
    let blocked = Signal::derive(move || {
        let whole = is_day(&from.read()) && is_day(&to.read());
        if whole { wrong.get() } else { Some(text(Key::RangeChooseDays)) }
    });
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if blocked.get_untracked().is_none() {
            asking.ask(|query| {
                query.usage.range = Range::Span(from.get_untracked(), to.get_untracked());
                query.usage.granularity = None;
            });
        }
    };
    view! {
        <form class="toolbar own-range" novalidate=true on:submit=submit>
            <DateField label=Signal::derive(t!(RangeFrom)) value=from any=true/>
            <DateField label=Signal::derive(t!(RangeTo)) value=to any=true error=wrong/>
            <Button submits=true disabled_reason=blocked>{t!(RangeShow)}</Button>
        </form>
    }
}

#[component]
fn CopyLink(asking: Asking) -> impl IntoView {
    let link = Signal::derive(move || {
        let origin = browser::window().location().origin().unwrap_or_default();
        origin + &asking.path() + &crate::paths::query(&asking.query.read().pairs())
    });
    view! {
        <CopyButton text=link label=Key::CopyLink/>
    }
}

/// The numbers as files: every group, with range, zone and filters in them. A file that would not hold everything
/// is refused by the server, and that is said here instead of being saved.
#[component]
fn Files(asking: Asking) -> impl IntoView {
    let toasts = Toasts::expect();
    let (busy, listener) = (RwSignal::new(false), Listener::here());
    let save = move |format: &'static str| {
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        let organization = asking.organization.get_value();
        let question = UsageQuery { compare: false, ..asking.query.get_untracked().usage };
        let answer = async move { client::usage_export(&organization, &question, format).await };
        listener.hear(answer, move |answer| {
            busy.set(false);
            let ending = if format == "json" { format } else { "csv" };
            match answer {
                Ok(file) => browser::save_file(&format!("usage.{ending}"), &file),
                Err(error) if error.of_field("range").is_some() => toasts.show(Toast::bad(text(Key::ExportTooLong))),
                Err(error) => toasts.show(Toast::bad(error.sentence())),
            }
        });
    };
    view! {
        {[("csv", "CSV"), ("json", "JSON")].map(|(format, name)| view! {
            <Button kind=ButtonKind::Quiet busy on_click=move |()| save(format)><Icon name="download"/><span>{name}</span></Button>
        })}
        <SpreadsheetMenu busy on_choose=Callback::new(move |format: TableFormat| save(format.as_str()))/>
    }
}
