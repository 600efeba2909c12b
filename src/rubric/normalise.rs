//! The form of an utterance that patterns see: lower-case words with single spaces.

/// Lower case; letters, digits and inner apostrophes stay; a question mark becomes a token of its own; everything
/// else is a space. `Can I assume it's sorted, right?` gives `can i assume it's sorted right ?`.
pub fn normalise(text: &str) -> String {
    let mut spaced = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            '\u{2019}' | '\u{2018}' => spaced.push('\''),
            '?' | '\u{ff1f}' => spaced.push_str(" ? "),
            c if c.is_alphanumeric() || c == '\'' => spaced.push(c),
            _ => spaced.push(' '),
        }
    }
    let words = spaced.split_whitespace().map(|word| word.trim_matches('\''));
    words.filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::normalise;

    #[test]
    fn speech_as_patterns_see_it() {
        assert_eq!(normalise("Can I assume it’s sorted, right?"), "can i assume it's sorted right ?");
        assert_eq!(normalise("  'Trade-off': O(n) — ok... "), "trade off o n ok");
        assert_eq!(normalise("\u{200b}!?"), "?");
        assert_eq!(normalise("ÉCOLE İ"), "école i");
    }
}
