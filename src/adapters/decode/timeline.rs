//! From the samples of a track to the time of the film: what an edit list hides, what comes late.

use std::ops::Range;

/// A stretch of the track that is heard, after so much silence. In frames.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub silence: u64,
    pub from: i64,
    /// `i64::MAX` for all the rest.
    pub to: i64,
}

/// What to do with a run of decoded frames.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece {
    Silence(u64),
    /// Of the run, in frames.
    Keep(Range<usize>),
}

/// Lets through the frames in its windows, in order.
#[derive(Debug)]
pub struct Timeline {
    windows: Vec<Window>,
    next: usize,
    /// Whether the silence before the next window was given.
    opened: bool,
}

impl Timeline {
    pub fn new(windows: Vec<Window>) -> Self {
        Self { windows, next: 0, opened: false }
    }

    /// Everything from frame 0 on.
    pub fn whole() -> Self {
        Self::new(vec![Window { silence: 0, from: 0, to: i64::MAX }])
    }

    /// A run of `count` frames that begins at frame `at` of the track.
    pub fn take(&mut self, at: i64, count: usize) -> Vec<Piece> {
        let end = at.saturating_add(count as i64);
        let mut pieces = Vec::new();
        while let Some(window) = self.windows.get(self.next) {
            if window.from >= end {
                break;
            }
            if !self.opened {
                self.opened = true;
                if window.silence > 0 {
                    pieces.push(Piece::Silence(window.silence));
                }
            }
            let (from, to) = (window.from.max(at), window.to.min(end));
            if from < to {
                pieces.push(Piece::Keep((from - at) as usize..(to - at) as usize));
            }
            if window.to > end {
                break;
            }
            self.next += 1;
            self.opened = false;
        }
        pieces
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_hidden_is_left_out_and_what_is_late_comes_late() {
        let mut timeline = Timeline::new(vec![
            Window { silence: 50, from: 100, to: 200 },
            Window { silence: 0, from: 250, to: 260 },
        ]);
        assert_eq!(timeline.take(0, 90), []);
        assert_eq!(timeline.take(90, 60), [Piece::Silence(50), Piece::Keep(10..60)]);
        assert_eq!(timeline.take(150, 200), [Piece::Keep(0..50), Piece::Keep(100..110)]);
        assert_eq!(timeline.take(350, 10), []);
    }

    #[test]
    fn what_lies_before_zero_is_not_heard() {
        assert_eq!(Timeline::whole().take(-312, 960), [Piece::Keep(312..960)]);
        assert_eq!(Timeline::whole().take(500, 10), [Piece::Keep(0..10)]);
    }
}
