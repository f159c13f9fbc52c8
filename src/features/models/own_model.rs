//! Adds a model of the organization's own.

use super::Models;
use crate::client;
use crate::i18n::{Key, text_with};
use crate::lazy_part;
use crate::session::submission::Submission;
use crate::ui::browser;
use crate::ui::button::{Button, ButtonKind};
use crate::ui::dialog::Dialog;
use crate::ui::field::{CheckField, TextField};
use crate::ui::lazy::{Lazy, Load};
use crate::ui::number::{micro_dollars, whole};
use crate::ui::toast::{Toast, Toasts};
use crate::{args, t};
use leptos::prelude::*;
use pulze_contract::model::{ModelCreate, own_name};
use pulze_contract::validation::Rule;

#[component]
pub fn OwnModelDialog(models: Models) -> impl IntoView {
    let busy = RwSignal::new(false);
    view! {
        <Dialog open=models.adding title=Signal::derive(t!(AddModel)) busy>
            <Lazy load=FORM given=(models, busy) lines=6/>
        </Dialog>
    }
}

const FORM: Load<(Models, RwSignal<bool>)> = || Box::pin(own_model());

lazy_part!(own_model, |given: (Models, RwSignal<bool>)| view! { <OwnModelForm models=given.0 busy=given.1/> }.into_any());

#[component]
fn OwnModelForm(models: Models, busy: RwSignal<bool>) -> impl IntoView {
    let toasts = Toasts::expect();
    let field = || RwSignal::new(String::new());
    let (name, context, output, price_in, price_out) = (field(), field(), field(), field(), field());
    let (vision, functions, json_schema) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    let (submitted, sending) = (RwSignal::new(false), Submission::of_dialog(busy));
    let error = sending.failure();
    // One key for this opening of the dialog: a double click or a retry makes one model.
    let key = StoredValue::new(browser::random_key());
    let shown = move |field: &'static str, rule: Option<Rule>| {
        let rule = rule.filter(|_| submitted.get()).map(crate::client::error::rule_text);
        rule.or_else(|| error.get().and_then(|error| error.of_field(field)))
    };
    let tokens = |value: RwSignal<String>| whole(&value.read());
    let dollars = |value: RwSignal<String>| micro_dollars(&value.read());
    let missing = |there: bool| (!there).then_some(Rule::NotPositive);
    let read = move || {
        Some(ModelCreate {
            name: own_name(&name.read()).ok()?,
            context_window: tokens(context)?,
            max_output_tokens: tokens(output)?,
            input_price: dollars(price_in)?,
            output_price: dollars(price_out)?,
            vision: vision.get(),
            functions: functions.get(),
            json_schema: json_schema.get(),
        })
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        submitted.set(true);
        let Some(body) = untrack(read).filter(|_| !busy.get_untracked()) else { return };
        let (organization, key) = (models.organization.get_value(), key.get_value());
        sending.send(async move { client::model_create(&organization, &body, &key).await }, move |model| {
            models.adding.set(false);
            models.reload.try_run(());
            toasts.show(Toast::good(text_with(Key::ModelAdded, args!(name = model.facts.id.clone()))));
        });
    };
    let name_error = Signal::derive(move || shown("name", own_name(&name.read()).err()));
    let context_error = Signal::derive(move || shown("context_window", missing(tokens(context).is_some())));
    let output_error = Signal::derive(move || shown("max_output_tokens", missing(tokens(output).is_some())));
    let in_error = Signal::derive(move || shown("input_price", missing(dollars(price_in).is_some())));
    let out_error = Signal::derive(move || shown("output_price", missing(dollars(price_out).is_some())));
    view! {
        <form class="dialog-form" novalidate=true on:submit=submit>
            <TextField label=Signal::derive(t!(ModelName)) value=name required=true first=true hint=Signal::derive(t!(ModelNameHint)) error=name_error/>
            <div class="pair">
                <TextField label=Signal::derive(t!(Context)) value=context required=true error=context_error/>
                <TextField label=Signal::derive(t!(MaxOutput)) value=output required=true error=output_error/>
            </div>
            <div class="pair">
                <TextField label=Signal::derive(t!(PriceInLong)) value=price_in required=true error=in_error/>
                <TextField label=Signal::derive(t!(PriceOutLong)) value=price_out required=true error=out_error/>
            </div>
            <CheckField label=Signal::derive(t!(Vision)) value=vision/>
            <CheckField label=Signal::derive(t!(Functions)) value=functions/>
            <CheckField label=Signal::derive(t!(JsonSchema)) value=json_schema/>
            <p class="form-error" role="alert">{move || error.get().map(|error| error.sentence())}</p>
            <div class="dialog-footer">
                <Button on_click=move |()| models.adding.set(false)>{t!(Cancel)}</Button>
                <Button kind=ButtonKind::Primary submits=true busy>
                    {move || if busy.get() { t!(Saving)() } else { t!(AddModel)() }}
                </Button>
            </div>
        </form>
    }
}
