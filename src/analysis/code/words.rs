//! An identifier as people say it.

/// The spoken words of an identifier, in lower case: `HTTPServer2` is http server 2, `__init__` is dunder init.
pub fn split(identifier: &str) -> Vec<String> {
    let mut words = Vec::new();
    let core = identifier.trim_matches('_');
    if identifier.len() > core.len()
        && identifier.starts_with("__")
        && identifier.ends_with("__")
        && !core.is_empty()
    {
        words.push("dunder".to_owned());
    }
    for part in core.split(|c: char| !c.is_alphanumeric()) {
        split_case(part, &mut words);
    }
    words
}

/// Cuts between a small and a capital letter, before the last capital of several, and round digits.
fn split_case(part: &str, words: &mut Vec<String>) {
    let chars: Vec<char> = part.chars().collect();
    let mut start = 0;
    for at in 1..=chars.len() {
        if at == chars.len() || is_border(&chars, at) {
            words.push(chars[start..at].iter().flat_map(|c| c.to_lowercase()).collect());
            start = at;
        }
    }
}

fn is_border(chars: &[char], at: usize) -> bool {
    let (before, here) = (chars[at - 1], chars[at]);
    if before.is_numeric() != here.is_numeric() {
        return true;
    }
    if !here.is_uppercase() {
        return false;
    }
    // `IDs` and `URLs` are plurals, not "i ds".
    let is_plural = |next: usize| {
        chars.get(next) == Some(&'s')
            && chars.get(next + 1).is_none_or(|c| c.is_uppercase() || c.is_numeric())
    };
    !before.is_uppercase() || chars.get(at + 1).is_some_and(|next| next.is_lowercase() && !is_plural(at + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_as_they_are_said() {
        let cases = [
            ("HTTPServer2", "http server 2"),
            ("max_heap", "max heap"),
            ("maxHeap", "max heap"),
            ("LRUCache", "lru cache"),
            ("MAX_RETRY_COUNT", "max retry count"),
            ("__init__", "dunder init"),
            ("__private", "private"),
            ("_", ""),
            ("____", ""),
            ("utf8Decode", "utf 8 decode"),
            ("getURLs", "get urls"),
            ("userIDsByName", "user ids by name"),
            ("HashSet", "hash set"),
            ("x", "x"),
            ("dp2D", "dp 2 d"),
            ("$el", "el"),
            ("größeÄndern", "größe ändern"),
            ("číslo_řádku", "číslo řádku"),
            ("", ""),
        ];
        for (identifier, said) in cases {
            assert_eq!(split(identifier).join(" "), said, "{identifier}");
        }
    }
}
