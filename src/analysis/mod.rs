//! From words, speech and edits to one timeline and its measures. Pure: data in, data out.

pub mod active;
pub mod alignment;
pub mod edits;
pub mod episodes;
pub mod flow;
pub mod metric;
pub mod narration;
pub mod pace;
pub mod pauses;
pub mod speech;
pub mod stages;
pub mod statistics;
pub mod symbols;
pub mod utterances;

pub use alignment::Alignment;
pub use metric::{Evidence, Metric, Reading};

use crate::session::Timeline;

/// Every measure of a labelled timeline, in the order of `docs/metrics.md`.
pub fn measure(timeline: &Timeline, alignments: &[Alignment]) -> Vec<Metric> {
    let mut metrics = flow::measure(timeline);
    metrics.extend(narration::measure(timeline));
    metrics.extend(edits::measure(timeline, alignments));
    metrics.extend(pace::measure(timeline));
    metrics.extend(stages::measure(timeline));
    metrics
}
