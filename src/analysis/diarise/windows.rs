//! The short stretches of speech of which a voiceprint each is taken.

use crate::session::{Millis, Span};

/// A stretch inside one region of speech.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    pub span: Span,
    /// Index of the region it lies in.
    pub region: usize,
}

impl Window {
    fn middle(self) -> Millis {
        Millis((self.span.start.0 + self.span.end.0) / 2)
    }
}

/// Cuts every region into windows of `length`, spread evenly at most `hop` apart, so that the first begins
/// and the last ends with the region. A region that is not longer than a window is one window.
pub fn windows(speech: &[Span], length: Millis, hop: Millis) -> Vec<Window> {
    let (length, hop) = (length.0.max(1), hop.0.max(1));
    let mut windows = Vec::new();
    for (region, span) in speech.iter().enumerate().filter(|(_, span)| !span.is_empty()) {
        let room = span.length().0 - length;
        if room <= 0 {
            windows.push(Window { span: *span, region });
            continue;
        }
        let steps = (room + hop - 1) / hop;
        windows.extend((0..=steps).map(|step| {
            let start = span.start + Millis(room * step / steps);
            Window { span: Span::new(start, start + Millis(length)), region }
        }));
    }
    windows
}

/// The stretch that each window decides on: from half-way to the window before it to half-way to the next,
/// and to the ends of its region. Together they are the regions again.
pub fn shares(windows: &[Window], speech: &[Span]) -> Vec<Span> {
    let between = |a: Window, b: Window| Millis((a.middle().0 + b.middle().0) / 2);
    let is_neighbour = |a: Window, b: Window| a.region == b.region;
    (0..windows.len())
        .map(|i| {
            let this = windows[i];
            let before = i.checked_sub(1).map(|i| windows[i]).filter(|&other| is_neighbour(this, other));
            let after = windows.get(i + 1).copied().filter(|&other| is_neighbour(this, other));
            Span::new(
                before.map_or(speech[this.region].start, |other| between(other, this)),
                after.map_or(speech[this.region].end, |other| between(this, other)),
            )
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::time::union;

    fn span(start: i64, end: i64) -> Span {
        Span::new(Millis(start), Millis(end))
    }

    #[test]
    fn windows_reach_from_end_to_end_of_a_region() {
        let speech = [span(100, 3000), span(4000, 4300), span(5000, 5000)];
        let cut = windows(&speech, Millis(1200), Millis(400));
        let first: Vec<Window> = cut.iter().copied().filter(|window| window.region == 0).collect();
        assert_eq!(first.first().unwrap().span, span(100, 1300));
        assert_eq!(first.last().unwrap().span, span(1800, 3000));
        assert!(
            first.windows(2).all(|pair| (1..=400).contains(&(pair[1].span.start - pair[0].span.start).0))
        );
        assert_eq!(cut[first.len()..], [Window { span: span(4000, 4300), region: 1 }]);
    }

    #[test]
    fn shares_divide_the_regions_without_hole_or_overlap() {
        let speech = [span(100, 3000), span(3300, 3700), span(4000, 9123)];
        let cut = windows(&speech, Millis(1200), Millis(400));
        let parts = shares(&cut, &speech);
        assert!(parts.windows(2).all(|pair| pair[0].end <= pair[1].start && !pair[0].is_empty()));
        assert_eq!(union(parts), speech);
    }
}
