//! Which spans are calls of a model. Agents and tools are told apart by what they do; of several spans around the same
//! call (a framework's, an SDK's) the innermost one that knows the tokens counts, so that nothing counts twice.

use super::wire::Span;
use std::collections::{HashMap, HashSet};

/// What `gen_ai.operation.name` says of calls of a model.
const CALLS: [&str; 5] = ["chat", "generate_content", "text_completion", "completion", "embeddings"];
/// What it says of everything around them.
const AROUND: [&str; 5] = ["invoke_agent", "create_agent", "execute_tool", "invoke_workflow", "retrieval"];
pub(super) const MODEL: [&str; 2] = ["gen_ai.response.model", "gen_ai.request.model"];
pub(super) const INPUT: [&str; 2] = ["gen_ai.usage.input_tokens", "gen_ai.usage.prompt_tokens"];
pub(super) const OUTPUT: [&str; 2] = ["gen_ai.usage.output_tokens", "gen_ai.usage.completion_tokens"];

/// Whether a span is an agent, a tool or a workflow: what is called within it is called by it.
fn is_around(span: &Span) -> bool {
    let operation = span.get(&["gen_ai.operation.name"]);
    operation.map_or_else(|| span.get(&["gen_ai.tool.name"]).is_some(), |operation| AROUND.contains(&operation))
}

/// Whether a span tells of a call of a model: its operation says so, or none that is known is said and it has tokens
/// or, as before there were operations, a model.
fn is_call(span: &Span) -> bool {
    let has = |names: &[&str]| span.get(names).is_some();
    has(&MODEL)
        && match span.get(&["gen_ai.operation.name"]) {
            Some(operation) if CALLS.contains(&operation) => true,
            Some(_) => !is_around(span) && (has(&INPUT) || has(&OUTPUT)),
            None => !is_around(span),
        }
}

fn knows_tokens(span: &Span) -> bool {
    span.get(&INPUT).is_some() || span.get(&OUTPUT).is_some()
}

/// The spans that count, in the order in which they came.
pub(super) fn counted(spans: &[Span]) -> Vec<&Span> {
    let places: HashMap<(&str, &str), usize> =
        spans.iter().enumerate().map(|(place, span)| ((span.trace.as_str(), span.id.as_str()), place)).collect();
    let mut passed: HashSet<usize> = HashSet::new();
    let mut answered: HashMap<(&str, &str), usize> = HashMap::new();
    for (place, span) in spans.iter().enumerate().filter(|(_, span)| is_call(span)) {
        let (mut above, mut seen) = (span, HashSet::from([place]));
        // Up to the first agent or tool; a chain that bites its own tail ends where it began.
        while let Some(&parent) = places.get(&(above.trace.as_str(), above.parent.as_str())).filter(|_| !above.parent.is_empty())
        {
            above = &spans[parent];
            if is_around(above) || !seen.insert(parent) {
                break;
            }
            if is_call(above) {
                passed.insert(if knows_tokens(span) || !knows_tokens(above) { parent } else { place });
            }
        }
        // The same answer of a provider, told twice without one around the other.
        if let Some(answer) = span.get(&["gen_ai.response.id"]) {
            match answered.get(&(span.trace.as_str(), answer)) {
                Some(&other) if !passed.contains(&other) && !passed.contains(&place) => {
                    passed.insert(if knows_tokens(&spans[other]) { place } else { other });
                }
                _ => {}
            }
            if !passed.contains(&place) {
                answered.insert((span.trace.as_str(), answer), place);
            }
        }
    }
    let counts = |(place, span): &(usize, &Span)| is_call(span) && !passed.contains(place);
    spans.iter().enumerate().filter(counts).map(|(_, span)| span).collect()
}
