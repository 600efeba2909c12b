//! What patterns and the network say together.

/// From this combined confidence on a label is given, where F1 is highest: misses and false ones balance in a share.
const GIVEN: f32 = 0.35;
/// Labels that a report counts. It tells a person "three questions", so each must be more likely than not.
const COUNTED: [&str; 4] = ["clarifying", "complexity", "testing", "tradeoff"];
const COUNTED_FROM: f32 = 0.5;
/// How much the network's log-odds and a pattern's confidence count, and what is taken off: fitted by logistic
/// regression on sessions that the network had not learned from (models/labels/README.md).
const NETWORK: f32 = 0.6;
const PATTERN: f32 = 2.8;
const DOUBT: f32 = 1.1;

/// One confidence from 0 to 1 from the network's for a label and that of the best pattern which gives it: 0 when
/// none does.
pub fn combined(network: f32, pattern: f32) -> f32 {
    let network = network.clamp(1e-4, 1.0 - 1e-4);
    let odds = (network / (1.0 - network)).ln();
    super::dense::sigmoid(NETWORK * odds + PATTERN * pattern - DOUBT)
}

/// Whether a label is given at a combined confidence.
pub fn is_given(label: &str, combined: f32) -> bool {
    combined >= if COUNTED.contains(&label) { COUNTED_FROM } else { GIVEN }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn either_can_carry_a_label_and_both_are_surer() {
        assert!(combined(0.75, 0.0) >= GIVEN && combined(0.3, 0.0) < GIVEN);
        assert!(combined(0.25, 0.8) >= GIVEN && combined(0.02, 0.5) < GIVEN);
        assert!(is_given("intent", 0.4) && !is_given("tradeoff", 0.4) && is_given("tradeoff", 0.5));
        assert!(combined(0.75, 0.8) > combined(0.75, 0.0));
        assert!((0.0..=1.0).contains(&combined(0.0, 0.0)) && combined(1.0, 1.0) <= 1.0);
    }
}
