//! Which sessions are asked for.

use chrono::{DateTime, FixedOffset};

/// All conditions must hold. Of what remains, the latest `limit`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    pub problem: Option<String>,
    pub profile: Option<String>,
    pub tag: Option<String>,
    /// Begun at or after this.
    pub since: Option<DateTime<FixedOffset>>,
    /// Begun before this.
    pub until: Option<DateTime<FixedOffset>>,
    pub limit: Option<usize>,
}
