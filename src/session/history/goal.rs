//! What a person wants a measure to be.

use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    AtMost,
    AtLeast,
}

impl Direction {
    pub fn words(self) -> &'static str {
        match self {
            Self::AtMost => "at most",
            Self::AtLeast => "at least",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// A measure, or a score such as `score.total`.
    pub metric: String,
    pub direction: Direction,
    pub target: f64,
}

impl Goal {
    pub fn is_reached(&self, value: f64) -> bool {
        match self.direction {
            Direction::AtMost => value <= self.target,
            Direction::AtLeast => value >= self.target,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_goal_is_reached_at_its_target() {
        let goal = |direction| Goal { metric: "m".into(), direction, target: 2.0 };
        let reached = |direction, value| goal(direction).is_reached(value);
        assert!(reached(Direction::AtMost, 2.0) && !reached(Direction::AtMost, 2.1));
        assert!(reached(Direction::AtLeast, 2.0) && !reached(Direction::AtLeast, 1.9));
    }
}
