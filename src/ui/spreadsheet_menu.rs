//! A table as a file for spreadsheets: whoever opens it says how numbers look there, because a file cannot ask.

use crate::t;
use crate::ui::field::unique_id;
use crate::ui::icon::Icon;
use leptos::html;
use leptos::prelude::*;
use pulze_contract::table::TableFormat;

#[component]
pub fn SpreadsheetMenu(#[prop(into)] busy: Signal<bool>, on_choose: Callback<TableFormat>) -> impl IntoView {
    let panel = NodeRef::<html::Div>::new();
    let id = unique_id("spreadsheet");
    let heading = unique_id("spreadsheet-numbers");
    let named = heading.clone();
    let choose = move |format: TableFormat| {
        if let Some(panel) = panel.get_untracked() {
            let _ = panel.hide_popover();
        }
        on_choose.try_run(format);
    };
    view! {
        <button class="button" data-kind="quiet" type="button" popovertarget=id.clone() aria-busy=move || busy.get().then_some("true")>
            <Icon name="download"/>
            <span>{t!(ExportExcel)}</span>
        </button>
        <div class="choice-menu" id=id popover="auto" node_ref=panel role="group" aria-labelledby=named>
            <p class="quiet" id=heading>{t!(ExportExcelNumbers)}</p>
            {TableFormat::SPREADSHEETS.map(|(format, example)| view! {
                <button class="button" data-kind="quiet" type="button" on:click=move |_| choose(format)><bdi translate="no" dir="ltr">{example}</bdi></button>
            })}
        </div>
    }
}
