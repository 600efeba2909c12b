//! What patterns and the network say together.

/// From this confidence on a label is given, where F1 is highest: misses and false ones balance in a count.
const GIVEN: f32 = 0.4;
/// Utterances of so few words are mostly chit-chat, and need more.
const SHORT: usize = 4;
const SHORT_GIVEN: f32 = 0.7;
/// How much the network's log-odds and a pattern's confidence count, and what is taken off: between what fits sessions
/// that the patterns were written in view of and what fits new ones (models/labels/README.md).
const NETWORK: f32 = 0.65;
const PATTERN: f32 = 1.6;
const DOUBT: f32 = 0.9;

/// One confidence from 0 to 1 from the network's for a label and that of the best pattern which gives it: 0 when
/// none does.
pub fn combined(network: f32, pattern: f32) -> f32 {
    let network = network.clamp(1e-4, 1.0 - 1e-4);
    let odds = (network / (1.0 - network)).ln();
    super::dense::sigmoid(NETWORK * odds + PATTERN * pattern - DOUBT)
}

/// Whether a label is given to `text` at a combined confidence.
pub fn is_given(combined: f32, text: &str) -> bool {
    combined >= if text.split_whitespace().count() <= SHORT { SHORT_GIVEN } else { GIVEN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_can_carry_a_label_and_both_are_surer() {
        assert!(combined(0.75, 0.0) >= GIVEN && combined(0.5, 0.0) < GIVEN);
        assert!(combined(0.35, 0.8) >= GIVEN && combined(0.05, 0.9) < GIVEN);
        assert!(combined(0.75, 0.8) > combined(0.75, 0.0));
        assert!((0.0..=1.0).contains(&combined(0.0, 0.0)) && combined(1.0, 1.0) <= 1.0);
    }

    #[test]
    fn few_words_need_more() {
        assert!(is_given(0.4, "so we sort them first") && !is_given(0.39, "so we sort them first"));
        assert!(!is_given(0.4, "we sort them first") && is_given(0.7, "we sort them first"));
        assert!(!is_given(0.5, ""));
    }
}
