//! Answers questions about usage: from the sums by day, or by quarter of an hour where buckets are hours.
//! Single calls are only read where buckets are minutes, and where calls themselves are asked for.

use super::sums::Sums;
use super::zone::{QUARTER_MS, Zone};
use crate::App;
use crate::error::{Error, Result};
use crate::service::Member;
use crate::store::{
    self,
    usage::{Asked, REST, Series, Table, ToldCall},
};
use pulze_contract::money::Money;
use pulze_contract::usage::{
    Amounts, CALL_POINTS_MAX, CALLS_PAGE, Call, CallList, CallPoints, CostSource, Dimension, GROUPS_SHOWN, Granularity, Metric,
    TieOut, UNALLOCATED, Usage, UsageBefore, UsageFilter, UsageGroup, UsageQuery, provider_of,
};
use pulze_contract::validation::Rule;
use pulze_contract::{ApiKeyId, AssistantId, FieldError, OrganizationId, SpaceId, Timestamp, UserId};
use std::collections::{BTreeMap, HashMap};

/// The column of a dimension. Providers are read off models.
fn column(dimension: Dimension) -> &'static str {
    match dimension {
        Dimension::Space => "space_id",
        Dimension::Member => "member_id",
        Dimension::Assistant => "assistant_id",
        Dimension::Model | Dimension::Provider => "model",
        Dimension::Key => "key_id",
    }
}

/// What a combination is in a dimension; empty: unallocated.
fn value(series: &Series, dimension: Dimension) -> &str {
    match dimension {
        Dimension::Space => &series.space,
        Dimension::Member => &series.member,
        Dimension::Assistant => &series.assistant,
        Dimension::Model => &series.model,
        Dimension::Provider => provider_of(&series.model),
        Dimension::Key => &series.key,
    }
}

fn invalid(field: &str, rule: Rule) -> Error {
    Error::invalid(vec![FieldError::new(field, rule)])
}

/// A question, ready to be asked of the store.
pub(super) struct Question<'a> {
    organization: &'a OrganizationId,
    query: &'a UsageQuery,
    pub(super) zone_name: String,
    pub(super) zone: Zone,
    pub(super) now: Timestamp,
    pub(super) range: (Timestamp, Timestamp),
    pub(super) granularity: Granularity,
    pub(super) granularities: Vec<Granularity>,
    pub(super) buckets: Vec<Timestamp>,
    extent: Option<(Timestamp, Timestamp)>,
    /// The places of what the question groups by, by when they were first seen.
    colors: HashMap<String, u32>,
    /// The combinations that fit the filters.
    series: HashMap<i64, Series>,
    /// The filters as columns and their values, with providers as their models.
    wanted: Vec<(&'static str, Vec<String>)>,
}

impl<'a> Question<'a> {
    /// Reads what the question needs.
    ///
    /// # Errors
    /// `invalid` for a range that no calendar has, or that is too long for the buckets that are asked for.
    pub(super) async fn read(
        db: &mut store::Connection,
        organization: &'a OrganizationId,
        query: &'a UsageQuery,
        now: Timestamp,
    ) -> Result<Self> {
        let zone_name = store::usage::zone(db, organization).await?;
        let zone = Zone::named(&zone_name);
        let range = zone.resolve(&query.range, now).ok_or_else(|| invalid("range", Rule::Unknown))?;
        let granularities = Granularity::sensible(range.1 - range.0);
        let granularity = match query.granularity {
            Some(granularity) if granularities.contains(&granularity) => granularity,
            Some(_) => return Err(invalid("granularity", Rule::TooMany)),
            None => {
                let usual = Granularity::usual(range.1 - range.0);
                if granularities.contains(&usual) { usual } else { granularities.first().copied().unwrap_or(Granularity::Day) }
            }
        };
        let buckets = zone.buckets(range, granularity).ok_or_else(|| invalid("range", Rule::TooMany))?;
        let mut series = store::usage::all_series(db, organization).await?;
        let colors = query.group.map(|group| colors(&series, group)).unwrap_or_default();
        series.retain(|_, series| fits(series, query));
        let wanted = query.filters.iter().map(|(dimension, values)| {
            let mut values: Vec<String> = match dimension {
                // A provider is all of its models that were ever asked.
                Dimension::Provider => series.values().map(|series| series.model.clone()).collect(),
                _ => values.iter().map(|value| if value == UNALLOCATED { String::new() } else { value.clone() }).collect(),
            };
            values.sort_unstable();
            values.dedup();
            (column(*dimension), values)
        });
        let wanted = wanted.collect();
        let extent = store::usage::extent(db, organization).await?;
        Ok(Self {
            organization,
            query,
            zone_name,
            zone,
            now,
            range,
            granularity,
            granularities,
            buckets,
            extent,
            colors,
            series,
            wanted,
        })
    }

    /// The filters as the store takes them.
    fn wanted(&self) -> Vec<(&'static str, Vec<&str>)> {
        self.wanted.iter().map(|(column, values)| (*column, values.iter().map(String::as_str).collect())).collect()
    }

    /// Which sums say it, and the span in their unit.
    fn span(&self, (from, to): (Timestamp, Timestamp)) -> (Table, (i64, i64)) {
        let days = self.granularity >= Granularity::Day
            && self.zone.start_of(self.zone.day(from)) == from
            && self.zone.start_of(self.zone.day(to)) == to;
        if days {
            (Table::Days, (self.zone.day(from), self.zone.day(to)))
        } else {
            (Table::Quarters, (from.div_euclid(QUARTER_MS), (to + QUARTER_MS - 1).div_euclid(QUARTER_MS)))
        }
    }

    /// The sums of each combination that fits, over a whole range.
    pub(super) async fn whole(&self, db: &mut store::Connection, range: (Timestamp, Timestamp)) -> Result<Vec<(i64, Sums)>> {
        // Nothing fits: no statement has an empty list.
        if self.series.is_empty() {
            return Ok(Vec::new());
        }
        let (table, span) = self.span(range);
        let asked = Asked { organization: self.organization, table, span, wanted: &[] };
        let all = store::usage::by_series(db, &asked).await?;
        Ok(all.into_iter().filter(|(series, _)| self.series.contains_key(series)).collect())
    }

    /// By group of a dimension.
    pub(super) fn grouped(&self, whole: &[(i64, Sums)], dimension: Dimension) -> HashMap<String, Sums> {
        let mut groups: HashMap<String, Sums> = HashMap::new();
        for (series, sums) in whole {
            if let Some(series) = self.series.get(series) {
                *groups.entry(value(series, dimension).to_owned()).or_default() += *sums;
            }
        }
        groups
    }

    /// By bucket and group; groups that are not among the shown ones together as [`REST`]. With `None` every
    /// group by itself.
    pub(super) async fn by_bucket(
        &self,
        db: &mut store::Connection,
        range: (Timestamp, Timestamp),
        buckets: &[Timestamp],
        group: Option<Dimension>,
        shown: Option<&[&str]>,
    ) -> Result<BTreeMap<String, Vec<Sums>>> {
        let mut by: BTreeMap<String, Vec<Sums>> = BTreeMap::new();
        if self.series.is_empty() {
            return Ok(by);
        }
        let wanted = self.wanted();
        let provider = group == Some(Dimension::Provider);
        let rows = if self.granularity == Granularity::Minute {
            let asked = Asked { organization: self.organization, table: Table::Quarters, span: range, wanted: &wanted };
            let rows = store::usage::by_minute(db, &asked, group.map(column)).await?;
            let at = |(minute, group, sums): (i64, String, Sums)| (minute * 60_000, group, sums);
            rows.into_iter().map(at).collect::<Vec<_>>()
        } else {
            let (table, span) = self.span(range);
            let asked = Asked { organization: self.organization, table, span, wanted: &wanted };
            let group = group.map(|group| (column(group), if provider { None } else { shown }));
            let rows = store::usage::by_time(db, &asked, group).await?;
            let mut days: HashMap<i64, Timestamp> = HashMap::new();
            let mut at = |time: i64| match table {
                Table::Quarters => time * QUARTER_MS,
                Table::Days => *days.entry(time).or_insert_with(|| self.zone.start_of(time)),
            };
            rows.into_iter().map(|(time, group, sums)| (at(time), group, sums)).collect()
        };
        for (at, group, sums) in rows {
            let group = if provider { provider_of(&group).to_owned() } else { group };
            let group = match shown {
                Some(shown) if group != REST && !shown.contains(&group.as_str()) => REST.to_owned(),
                _ => group,
            };
            let bucket = buckets.partition_point(|start| *start <= at).saturating_sub(1);
            let values = by.entry(group).or_insert_with(|| vec![Sums::default(); buckets.len()]);
            if let Some(value) = values.get_mut(bucket) {
                *value += sums;
            }
        }
        Ok(by)
    }

    /// Whether anything of a bucket could have been reported: it has begun, and the first call was before its end.
    fn reported(&self, place: usize, buckets: &[Timestamp], end: Timestamp) -> bool {
        let to = buckets.get(place + 1).copied().unwrap_or(end);
        self.extent.is_some_and(|(first, _)| first < to) && buckets.get(place).is_some_and(|start| *start <= self.now)
    }

    /// Values by bucket; nothing where nothing could have been reported.
    fn told<T>(
        &self,
        sums: &[Sums],
        buckets: &[Timestamp],
        end: Timestamp,
        of: impl Fn(&Amounts) -> Option<T>,
    ) -> Vec<Option<T>> {
        let told = |(place, sums): (usize, &Sums)| self.reported(place, buckets, end).then(|| of(&sums.amounts())).flatten();
        sums.iter().enumerate().map(told).collect()
    }
}

/// The places of the values of a dimension, by when they were first seen: numbers of combinations only grow.
fn colors(series: &HashMap<i64, Series>, dimension: Dimension) -> HashMap<String, u32> {
    let mut first: HashMap<&str, i64> = HashMap::new();
    for (number, series) in series {
        let value = value(series, dimension);
        let seen = first.entry(value).or_insert(*number);
        *seen = (*seen).min(*number);
    }
    let mut values: Vec<(i64, &str)> =
        first.into_iter().filter(|(value, _)| !value.is_empty()).map(|(value, at)| (at, value)).collect();
    values.sort_unstable();
    (0..).zip(values).map(|(place, (_, value))| (value.to_owned(), place)).collect()
}

fn fits(series: &Series, query: &UsageQuery) -> bool {
    query.filters.iter().all(|(dimension, values)| {
        let value = value(series, *dimension);
        values.iter().any(|wanted| if wanted == UNALLOCATED { value.is_empty() } else { wanted == value })
    })
}

/// By what groups are ordered: what takes longest first where latencies are asked for.
fn order(metric: Metric, sums: &Sums) -> f64 {
    sums.amounts().of(metric).unwrap_or(-1.0)
}

/// What was used.
///
/// # Errors
/// `invalid` for a range or buckets that cannot be told.
pub async fn read(app: &App, caller: &Member, query: &UsageQuery) -> Result<Usage> {
    let mut db = app.store.read().await?;
    answer(&mut db, &caller.organization, query, crate::now()).await
}

/// What the caller used, with the names of what they used: a filter names nothing else.
///
/// # Errors
/// As [`read`].
pub async fn read_own(app: &App, caller: &Member, query: UsageQuery) -> Result<Usage> {
    let mut db = app.store.read().await?;
    let query = own(caller, query);
    let mut usage = answer(&mut db, &caller.organization, &query, crate::now()).await?;
    let mine = UsageQuery { filters: Vec::new(), ..query };
    let mine = own(caller, mine);
    let all = store::usage::all_series(&mut db, &caller.organization).await?;
    let mine: Vec<&Series> = all.values().filter(|series| fits(series, &mine)).collect();
    for filter in &mut usage.filters {
        if filter.dimension != Dimension::Member && !mine.iter().any(|series| value(series, filter.dimension) == filter.id) {
            filter.name.clear();
        }
    }
    Ok(usage)
}

/// The answer to a question at a moment.
///
/// # Errors
/// `invalid` for a range or buckets that cannot be told.
pub async fn answer(
    db: &mut store::Connection,
    organization: &OrganizationId,
    query: &UsageQuery,
    now: Timestamp,
) -> Result<Usage> {
    let question = Question::read(db, organization, query, now).await?;
    let (from, to) = question.range;
    let whole = question.whole(db, (from, to)).await?;
    let total = whole.iter().map(|(_, sums)| *sums).sum::<Sums>().whole()?;
    let earlier = question.zone.before(&query.range, (from, to));
    let begun = question.zone.begun((from, to), earlier, now);
    let before = if query.compare { question.whole(db, begun).await? } else { Vec::new() };

    let mut groups: Vec<(String, Sums)> =
        query.group.map(|group| question.grouped(&whole, group).into_iter().collect()).unwrap_or_default();
    let metric = query.metric;
    groups.sort_by(|one, other| order(metric, &other.1).total_cmp(&order(metric, &one.1)).then_with(|| one.0.cmp(&other.0)));
    let groups_total = u32::try_from(groups.len()).unwrap_or(u32::MAX);
    let others: Sums = groups.iter().skip(GROUPS_SHOWN).map(|(_, sums)| *sums).sum();
    let hidden: Vec<String> = groups.iter().skip(GROUPS_SHOWN).map(|(id, _)| id.clone()).collect();
    groups.truncate(GROUPS_SHOWN);
    let shown: Vec<&str> = groups.iter().map(|(id, _)| id.as_str()).collect();
    let by = question.by_bucket(db, (from, to), &question.buckets, query.group, query.group.map(|_| shown.as_slice())).await?;
    let mut points = vec![Sums::default(); question.buckets.len()];
    for values in by.values() {
        for (point, value) in points.iter_mut().zip(values) {
            *point += *value;
        }
    }

    let before_groups = query.group.map(|group| question.grouped(&before, group)).unwrap_or_default();
    let earlier_of = |id: &str| query.compare.then(|| before_groups.get(id).copied().unwrap_or_default().amounts());
    let values = |id: &str| {
        let none = vec![Sums::default(); question.buckets.len()];
        let sums = by.get(id).unwrap_or(&none);
        question.told(sums, &question.buckets, to, |amounts| amounts.of(metric))
    };
    let ids: Vec<&str> = shown.iter().copied().filter(|id| !id.is_empty()).collect();
    let names = match query.group {
        Some(group) => names(db, organization, group, &ids).await?,
        None => HashMap::new(),
    };
    let group = |(id, sums): &(String, Sums)| UsageGroup {
        name: names.get(id).cloned().unwrap_or_default(),
        color: question.colors.get(id).copied().unwrap_or(u32::MAX),
        amounts: sums.amounts(),
        before: earlier_of(id),
        values: values(id),
        id: id.clone(),
    };
    let rest = (!hidden.is_empty()).then(|| {
        let before = hidden.iter().filter_map(|id| before_groups.get(id).copied()).sum::<Sums>();
        UsageGroup {
            id: REST.to_owned(),
            name: String::new(),
            color: u32::MAX,
            amounts: others.amounts(),
            before: query.compare.then(|| before.amounts()),
            values: values(REST),
        }
    });
    let before = if query.compare { Some(before_of(&question, db, (earlier, begun), &before).await?) } else { None };
    Ok(Usage {
        from,
        to,
        time_zone: question.zone_name.clone(),
        granularity: question.granularity,
        granularities: question.granularities.clone(),
        complete_through: question.extent.map(|(_, newest)| newest),
        now,
        buckets: question.buckets.clone(),
        total: total.amounts(),
        points: question.told(&points, &question.buckets, to, |amounts| Some(*amounts)),
        before,
        groups: groups.iter().map(group).collect(),
        groups_total,
        rest,
        filters: filters(db, organization, query).await?,
        tie_out: tie_out(&question, &whole, &points),
    })
}

/// What is asked for, with its names.
async fn filters(db: &mut store::Connection, organization: &OrganizationId, query: &UsageQuery) -> Result<Vec<UsageFilter>> {
    let mut filters = Vec::new();
    for (dimension, values) in &query.filters {
        let ids: Vec<&str> = values.iter().map(String::as_str).filter(|id| *id != UNALLOCATED).collect();
        let named = names(db, organization, *dimension, &ids).await?;
        let one =
            |id: &String| UsageFilter { dimension: *dimension, name: named.get(id).cloned().unwrap_or_default(), id: id.clone() };
        filters.extend(values.iter().map(one));
    }
    Ok(filters)
}

/// Everything added up by each dimension, and by time.
fn tie_out(question: &Question<'_>, whole: &[(i64, Sums)], points: &[Sums]) -> Vec<TieOut> {
    let told = [Dimension::Space, Dimension::Member, Dimension::Assistant, Dimension::Model];
    let by = told.into_iter().map(|dimension| {
        let groups = question.grouped(whole, dimension);
        let unallocated = groups.get("").copied().unwrap_or_default().amounts();
        let amounts = groups.into_values().sum::<Sums>().amounts();
        TieOut { dimension: Some(dimension), amounts, unallocated }
    });
    let time =
        TieOut { dimension: None, amounts: points.iter().copied().sum::<Sums>().amounts(), unallocated: Amounts::default() };
    by.chain([time]).collect()
}

async fn before_of(
    question: &Question<'_>,
    db: &mut store::Connection,
    (range, begun): ((Timestamp, Timestamp), (Timestamp, Timestamp)),
    whole: &[(i64, Sums)],
) -> Result<UsageBefore> {
    let buckets = question.zone.buckets(range, question.granularity).unwrap_or_default();
    let by = question.by_bucket(db, range, &buckets, None, None).await?;
    let none = vec![Sums::default(); buckets.len()];
    let sums = by.get("").unwrap_or(&none);
    Ok(UsageBefore {
        from: begun.0,
        to: begun.1,
        total: whole.iter().map(|(_, sums)| *sums).sum::<Sums>().whole()?.amounts(),
        values: question.told(sums, &buckets, range.1, |amounts| amounts.of(question.query.metric)),
    })
}

/// What groups are called.
pub(super) async fn names(
    db: &mut store::Connection,
    organization: &OrganizationId,
    dimension: Dimension,
    ids: &[&str],
) -> Result<HashMap<String, String>> {
    let table = match dimension {
        Dimension::Space => "spaces",
        Dimension::Member => "users",
        Dimension::Assistant => "assistants",
        Dimension::Key => "api_keys",
        Dimension::Model | Dimension::Provider => {
            return Ok(ids.iter().map(|id| ((*id).to_owned(), (*id).to_owned())).collect());
        }
    };
    store::usage::names(db, organization, table, ids).await
}

/// The single calls behind a number, newest first, from after one of them on.
///
/// # Errors
/// `invalid` for a range that no calendar has.
pub async fn calls(app: &App, caller: &Member, query: &UsageQuery, failed: bool, after: Option<&str>) -> Result<CallList> {
    let mut db = app.store.read().await?;
    let organization = &caller.organization;
    let query = UsageQuery { granularity: None, ..query.clone() };
    let question = Question::read(&mut db, organization, &query, crate::now()).await?;
    let after = after.and_then(|text| text.split_once('_')).and_then(|(at, id)| Some((at.parse().ok()?, id.to_owned())));
    let wanted = question.wanted();
    let asked = Asked { organization, table: Table::Quarters, span: question.range, wanted: &wanted };
    let nothing = question.series.is_empty();
    let mut rows = match nothing {
        true => Vec::new(),
        false => store::usage::calls(&mut db, &asked, failed, after.as_ref(), CALLS_PAGE + 1).await?,
    };
    let more = rows.len() > CALLS_PAGE as usize;
    rows.truncate(CALLS_PAGE as usize);
    let next = rows.last().filter(|_| more).map(|told| format!("{}_{}", told.call.at, told.call.id));
    let mut named = HashMap::new();
    for dimension in [Dimension::Space, Dimension::Member, Dimension::Assistant, Dimension::Key] {
        let mut ids: Vec<&str> = rows.iter().map(|told| value(&told.series, dimension)).filter(|id| !id.is_empty()).collect();
        ids.sort_unstable();
        ids.dedup();
        named.extend(names(&mut db, organization, dimension, &ids).await?);
    }
    let name = |id: &str| named.get(id).cloned().unwrap_or_default();
    let call = |ToldCall { call, series }: &ToldCall| Call {
        id: call.id.clone(),
        at: call.at,
        space_id: SpaceId::parse(&series.space),
        space: name(&series.space),
        member_id: UserId::parse(&series.member),
        member: name(&series.member),
        assistant_id: AssistantId::parse(&series.assistant),
        assistant: name(&series.assistant),
        model: series.model.clone(),
        api_key_id: ApiKeyId::parse(&series.key),
        api_key: name(&series.key),
        api_key_version: u32::try_from(call.key_version).ok().filter(|version| *version > 0),
        prompt_tokens: call.prompt_tokens,
        completion_tokens: call.completion_tokens,
        latency: Some(call.latency).filter(|latency| *latency >= 0),
        status: u16::try_from(call.status).unwrap_or_default(),
        cost: Money::nano(call.cost),
        cost_source: match call.cost_source {
            0 => CostSource::Reported,
            1 => CostSource::Catalogue,
            _ => CostSource::Unknown,
        },
    };
    Ok(CallList { calls: rows.iter().map(call).collect(), next, kept_days: app.config.usage_calls_days })
}

/// The single calls as columns, for a picture of all of them.
///
/// # Errors
/// `invalid` for a range that no calendar has.
pub async fn call_points(app: &App, caller: &Member, query: &UsageQuery, failed: bool) -> Result<CallPoints> {
    let mut db = app.store.read().await?;
    let query = UsageQuery { granularity: None, ..query.clone() };
    let question = Question::read(&mut db, &caller.organization, &query, crate::now()).await?;
    if question.series.is_empty() {
        return Ok(CallPoints::default());
    }
    let wanted = question.wanted();
    let asked = Asked { organization: &caller.organization, table: Table::Quarters, span: question.range, wanted: &wanted };
    let mut rows = store::usage::call_points(&mut db, &asked, failed, CALL_POINTS_MAX + 1).await?;
    let cut = rows.len() > CALL_POINTS_MAX as usize;
    rows.truncate(CALL_POINTS_MAX as usize);
    rows.reverse();
    Ok(CallPoints {
        at: rows.iter().map(|row| row.0).collect(),
        latency: rows.iter().map(|row| row.1).collect(),
        tokens: rows.iter().map(|row| row.2).collect(),
        failed: rows.iter().map(|row| row.3 >= 400).collect(),
        cut,
    })
}

/// A question that asks of the caller only, whatever else it asks.
pub fn own(caller: &Member, mut query: UsageQuery) -> UsageQuery {
    query.set_filter(Dimension::Member, vec![caller.actor.user_id.to_string()]);
    query
}
