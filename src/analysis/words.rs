//! Names in code as people speak them.

/// Splits an identifier into its words, in small letters: `HTTPServer2` gives `http server 2`, `__init__` `init`.
pub fn split(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let chars: Vec<char> = name.chars().collect();
    let mut word = String::new();
    for (at, &c) in chars.iter().enumerate() {
        let before = at.checked_sub(1).map(|at| chars[at]);
        let next_is_small = chars.get(at + 1).is_some_and(|next| next.is_lowercase());
        let begins = before.is_some_and(|before| {
            (c.is_uppercase() && (before.is_lowercase() || (before.is_uppercase() && next_is_small)))
                || (c.is_numeric() != before.is_numeric())
        });
        if begins || !c.is_alphanumeric() {
            words.extend((!word.is_empty()).then(|| std::mem::take(&mut word)));
        }
        if c.is_alphanumeric() {
            word.extend(c.to_lowercase());
        }
    }
    words.extend((!word.is_empty()).then_some(word));
    words
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn names_of_every_style() {
        for (name, words) in [
            ("HTTPServer2", "http server 2"),
            ("__init__", "init"),
            ("nodeMap", "node map"),
            ("MAX_SIZE", "max size"),
            ("x", "x"),
            ("_", ""),
            ("größeÄndern", "größe ändern"),
        ] {
            assert_eq!(split(name).join(" "), words, "{name}");
        }
    }
}
