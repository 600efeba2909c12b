//! What the person wants to reach.

use rusqlite::params;

use super::{History, Result};
use crate::session::history::{Direction, Goal};

impl History {
    /// In order of their measure's name.
    pub fn goals(&self) -> Result<Vec<Goal>> {
        let read = || -> rusqlite::Result<Vec<Goal>> {
            let mut rows =
                self.connection.prepare("SELECT metric, direction, target FROM goal ORDER BY metric")?;
            let goal = |row: &rusqlite::Row| {
                let direction: String = row.get(1)?;
                let direction = if direction == "at_most" { Direction::AtMost } else { Direction::AtLeast };
                Ok(Goal { metric: row.get(0)?, direction, target: row.get(2)? })
            };
            rows.query_map([], goal)?.collect()
        };
        read().map_err(|error| self.told(error))
    }

    /// One goal a measure: a new one takes the place of the old.
    pub fn set_goal(&mut self, goal: &Goal) -> Result<()> {
        let direction = match goal.direction {
            Direction::AtMost => "at_most",
            Direction::AtLeast => "at_least",
        };
        self.change(|transaction| {
            transaction.execute(
                "INSERT OR REPLACE INTO goal VALUES(?1, ?2, ?3)",
                params![goal.metric, direction, goal.target],
            )
        })?;
        Ok(())
    }

    /// Whether there was one.
    pub fn clear_goal(&mut self, metric: &str) -> Result<bool> {
        Ok(self.change(|transaction| transaction.execute("DELETE FROM goal WHERE metric = ?1", [metric]))?
            > 0)
    }
}
