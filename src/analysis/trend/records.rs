//! Personal bests and streaks.

use serde::Serialize;

/// Which way is better.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Aim {
    More,
    Less,
    /// Neither: there is a range to be in.
    Within,
}

/// The best value so far and the first session that had it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Best {
    pub session: usize,
    pub value: f64,
}

/// `None` where nothing was measured, or where no value is better than another.
pub fn best(values: &[Option<f64>], aim: Aim) -> Option<Best> {
    let better = |value: f64, best: f64| match aim {
        Aim::More => value > best,
        Aim::Less => value < best,
        Aim::Within => false,
    };
    if aim == Aim::Within {
        return None;
    }
    let measured = values.iter().enumerate().filter_map(|(session, value)| Some((session, (*value)?)));
    measured.fold(None, |best: Option<Best>, (session, value)| match best {
        Some(best) if !better(value, best.value) => Some(best),
        _ => Some(Best { session, value }),
    })
}

/// Sessions in a row that were good.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Streak {
    /// Up to and with the last session that was measured.
    pub now: usize,
    pub longest: usize,
}

/// A session in which it was not measured neither counts nor ends the row.
pub fn streak(good: impl IntoIterator<Item = Option<bool>>) -> Streak {
    good.into_iter().flatten().fold(Streak::default(), |streak, good| {
        let now = if good { streak.now + 1 } else { 0 };
        Streak { now, longest: streak.longest.max(now) }
    })
}

/// Weeks in a row, each with a session; `weeks` are numbers that grow by one a week, in any order. A week that has not
/// ended (`this_week`) does not end the row yet.
pub fn weeks_in_a_row(mut weeks: Vec<i64>, this_week: i64) -> Streak {
    weeks.retain(|week| *week <= this_week);
    weeks.sort_unstable();
    weeks.dedup();
    let mut streak = Streak::default();
    let mut last = None;
    for week in weeks {
        streak.now = if last == Some(week - 1) { streak.now + 1 } else { 1 };
        streak.longest = streak.longest.max(streak.now);
        last = Some(week);
    }
    if last.is_none_or(|last| last < this_week - 1) {
        streak.now = 0;
    }
    streak
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_best_is_the_first_of_its_value() {
        let values = [Some(3.0), None, Some(1.0), Some(1.0), Some(2.0)];
        assert_eq!(best(&values, Aim::Less), Some(Best { session: 2, value: 1.0 }));
        assert_eq!(best(&values, Aim::More), Some(Best { session: 0, value: 3.0 }));
        assert_eq!(best(&values, Aim::Within), None);
        assert_eq!(best(&[None], Aim::More), None);
    }

    #[test]
    fn what_was_not_measured_ends_no_streak() {
        let (yes, no) = (Some(true), Some(false));
        assert_eq!(streak([yes, no, yes, None, yes]), Streak { now: 2, longest: 2 });
        assert_eq!(streak([yes, yes, no]), Streak { now: 0, longest: 2 });
        assert_eq!(streak([]), Streak::default());
    }

    #[test]
    fn weeks_count_over_any_order_and_the_present_one_is_not_over() {
        assert_eq!(weeks_in_a_row(vec![5, 3, 4, 4], 6), Streak { now: 3, longest: 3 });
        assert_eq!(weeks_in_a_row(vec![5, 3, 4], 7), Streak { now: 0, longest: 3 });
        assert_eq!(weeks_in_a_row(vec![1, 2, 6], 6), Streak { now: 1, longest: 2 });
        assert_eq!(weeks_in_a_row(vec![900], 6), Streak::default());
    }
}
