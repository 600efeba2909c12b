//! What else is known of an utterance, beside its words: models/labels/features.py is the same for the training.

use crate::session::Role;

/// Numbers that do not come from patterns.
pub const PLAIN: usize = 7;
/// Utterances before one whose speakers are counted.
const LATELY: usize = 8;
/// Words from which on an utterance is as long as any.
const LONG: usize = 40;

/// One utterance of a session.
#[derive(Clone, Copy, Debug, Default)]
pub struct Heard<'a> {
    pub speaker: Role,
    pub text: &'a str,
    /// Labels that patterns give it, with their confidences.
    pub patterns: &'a [(&'a str, f32)],
}

/// A row for each utterance: the patterns' confidence of each label, 0 where none hits, then the plain numbers.
pub fn features<'a>(labels: impl Iterator<Item = &'a str> + Clone, session: &[Heard]) -> Vec<f32> {
    let interviewed = session.iter().any(|heard| heard.speaker == Role::Interviewer);
    let row = |(index, heard): (usize, &Heard)| {
        let pattern =
            |label: &str| heard.patterns.iter().find(|(hit, _)| *hit == label).map_or(0.0, |hit| hit.1);
        let lately = &session[index.saturating_sub(LATELY)..index];
        let own = lately.iter().filter(|other| other.speaker == heard.speaker).count();
        let goes_on = lately.last().is_some_and(|other| other.speaker == heard.speaker);
        let plain: [f32; PLAIN] = [
            heard.text.split_whitespace().count().min(LONG) as f32 / 20.0,
            f32::from(heard.text.contains('?')),
            (index as f32).ln_1p() / 6.0,
            index as f32 / session.len() as f32,
            f32::from(interviewed),
            own as f32 / lately.len().max(1) as f32,
            f32::from(goes_on),
        ];
        labels.clone().map(pattern).chain(plain).collect::<Vec<_>>()
    };
    session.iter().enumerate().flat_map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_says_what_patterns_and_the_course_of_the_session_say() {
        let session = [
            Heard { speaker: Role::Interviewer, text: "what is on your mind", ..Heard::default() },
            Heard { speaker: Role::Candidate, text: "can it be empty ?", patterns: &[("clarifying", 0.9)] },
            Heard { speaker: Role::Candidate, text: "no", patterns: &[("unknown", 0.7)] },
        ];
        let rows = features(["intent", "clarifying"].into_iter(), &session);
        let rows: Vec<&[f32]> = rows.chunks_exact(2 + PLAIN).collect();
        assert_eq!(rows.len(), 3);
        assert_eq!(rows[0], [0.0, 0.0, 0.25, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(rows[1][..4], [0.0, 0.9, 0.25, 1.0]);
        assert_eq!(rows[2][..3], [0.0, 0.0, 0.05]);
        assert_eq!(rows[2][5..], [2.0 / 3.0, 1.0, 0.5, 1.0]);
        assert!((rows[2][4] - 3f32.ln() / 6.0).abs() < 1e-6);
        let long = "so ".repeat(90);
        let alone = features(["intent"].into_iter(), &[Heard { text: &long, ..Heard::default() }]);
        assert_eq!(alone, [0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    }
}
