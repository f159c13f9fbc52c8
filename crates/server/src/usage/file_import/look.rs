//! What a look at a file tells: what it is, what its rows come to, and what to do.

use super::rows::told;
use super::times::DateOrder;
use crate::iso_time;
use pulze_contract::Timestamp;
use pulze_contract::money::Money;
use pulze_contract::table::DecimalSign;
use pulze_contract::usage::{CostSource, EventRefusal, RefusedEvent, UsageEvent};
use std::fmt::{Display, Formatter, Result};

/// Refused rows that are told one by one.
const TOLD: usize = 20;

/// What a file holds.
#[derive(Clone, Debug, Default)]
pub struct Look {
    pub encoding: String,
    pub separator: String,
    pub sign: DecimalSign,
    pub order: Option<DateOrder>,
    /// The zone of times that do not say theirs, where there are some.
    pub zone: Option<String>,
    /// Field and column.
    pub columns: Vec<(String, String)>,
    /// Columns that no field is read from.
    pub unused: Vec<String>,
    pub rows: u64,
    /// Rows whose calls are not counted yet.
    pub new: u64,
    pub known: u64,
    /// Rows with an identifier that an earlier row of the file has.
    pub repeated: u64,
    pub refused: u64,
    /// The first refused rows, by line, and why.
    pub told: Vec<(u64, String)>,
    /// The first and the last time of new rows.
    pub period: Option<(Timestamp, Timestamp)>,
    pub prompt_tokens: i128,
    pub completion_tokens: i128,
    /// As the file says it; nano-dollars.
    pub reported: i128,
    /// By the catalogue's prices, of rows that say none.
    pub priced: i128,
    /// Rows without a cost whose models have no price.
    pub unpriced: u64,
    /// What has to be said before anything can be read.
    pub questions: Vec<String>,
}

/// Why an event cannot be taken, with what stands there, in the words of the command.
pub fn sentence(refused: &RefusedEvent, event: &UsageEvent) -> String {
    let field = match refused.field.as_deref().unwrap_or_default() {
        "at" => "time",
        "space_id" => "space",
        "member_id" => "member",
        "assistant_id" => "assistant",
        "router_id" => "router",
        "api_key_id" => "key",
        "api_key_version" => "key_version",
        "cost" => "cost_usd",
        field => field,
    };
    let found = refused.found.as_deref().map(told).unwrap_or_default();
    match refused.reason {
        EventRefusal::Id => format!("id: {found} is longer than 100 characters, or has some that nobody sees"),
        EventRefusal::Time => format!("time: {} is before 2000", iso_time(event.at)),
        EventRefusal::TimeAhead => format!("time: {} is in the future", iso_time(event.at)),
        EventRefusal::Model => format!("model: {found} is longer than 200 characters, or has some that nobody sees"),
        EventRefusal::Status => format!("status: {} is not a status of HTTP", event.status.unwrap_or_default()),
        EventRefusal::Amount => format!("{field}: {found} is more than a call can have"),
        _ => format!("{field}: {found} is not known in this organization"),
    }
}

impl Look {
    pub(super) fn refuse(&mut self, line: u64, reason: String) {
        self.refused += 1;
        if self.told.len() < TOLD {
            self.told.push((line, reason));
            self.told.sort_by_key(|(line, _)| *line);
        }
    }

    /// A row that would be counted, at its cost.
    pub(super) fn add(&mut self, event: &UsageEvent, (cost, source): (Money, CostSource)) {
        self.new += 1;
        let (first, last) = self.period.unwrap_or((event.at, event.at));
        self.period = Some((first.min(event.at), last.max(event.at)));
        self.prompt_tokens += i128::from(event.prompt_tokens.unwrap_or(0));
        self.completion_tokens += i128::from(event.completion_tokens.unwrap_or(0));
        match source {
            CostSource::Reported => self.reported += i128::from(cost.as_nano()),
            CostSource::Catalogue => self.priced += i128::from(cost.as_nano()),
            CostSource::Unknown => self.unpriced += 1,
        }
    }

    /// What is to be done next, where not all is well.
    pub fn advice(&self) -> Option<String> {
        if let Some(question) = self.questions.first() {
            return Some(question.clone());
        }
        (self.refused > 0).then(|| {
            format!(
                "{} of {} rows cannot be taken: correct them in the file, or leave them out by --skip-refused",
                self.refused, self.rows
            )
        })
    }
}

/// A sum of nano-dollars, in dollars.
fn dollars(nano: i128) -> Money {
    Money::nano(i64::try_from(nano).unwrap_or(i64::MAX))
}

impl Display for Look {
    fn fmt(&self, out: &mut Formatter<'_>) -> Result {
        let sign = if self.sign == DecimalSign::Comma { "decimal commas" } else { "decimal points" };
        writeln!(out, "encoding   {}", self.encoding)?;
        writeln!(out, "separator  {}; {sign}", self.separator)?;
        let columns: Vec<String> = self.columns.iter().map(|(field, column)| format!("{field} from {column}")).collect();
        writeln!(out, "columns    {}", columns.join(", "))?;
        if !self.unused.is_empty() {
            writeln!(out, "not used   {}", self.unused.join(", "))?;
        }
        if !self.questions.is_empty() {
            return self.questions.iter().try_for_each(|question| writeln!(out, "question   {question}"));
        }
        match self.order {
            Some(DateOrder::DayFirst) => writeln!(out, "dates      day first")?,
            Some(DateOrder::MonthFirst) => writeln!(out, "dates      month first")?,
            None => {}
        }
        if let Some(zone) = &self.zone {
            writeln!(out, "zone       {zone}, where a time says none (--zone)")?;
        }
        let Self { rows, new, known, repeated, refused, .. } = self;
        writeln!(out, "rows       {rows}: {new} new, {known} known already, {repeated} repeated in the file, {refused} refused")?;
        if let Some((first, last)) = self.period {
            writeln!(out, "period     {} to {}", iso_time(first), iso_time(last))?;
            writeln!(out, "tokens     {} prompt, {} completion", self.prompt_tokens, self.completion_tokens)?;
            let (reported, priced) = (dollars(self.reported), dollars(self.priced));
            writeln!(
                out,
                "cost       ${reported} in the file, ${priced} by the catalogue, {} calls of models without a price",
                self.unpriced
            )?;
        }
        for (line, reason) in &self.told {
            writeln!(out, "line {line}: {reason}")?;
        }
        let more = self.refused.saturating_sub(self.told.len() as u64);
        if more > 0 { writeln!(out, "and {more} more refused rows") } else { Ok(()) }
    }
}
