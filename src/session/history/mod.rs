//! What the history keeps of every analysed session, and how it travels as JSON and CSV. Pure.

pub mod document;
pub mod filter;
pub mod foreign;
pub mod goal;
pub mod moment;
pub mod record;
pub mod report;
pub mod row;
pub mod table;

pub use document::HistoryDocument;
pub use filter::Filter;
pub use goal::{Direction, Goal};
pub use record::{
    CardRef, Dated, FocusRow, Material, MetricRow, Moment, PlanRow, SessionHead, SessionRecord,
};
