//! Values as people read them.

use super::document::Found;

/// A score from which on it is good.
pub const GOOD: f64 = 75.0;
/// A score from which on it is fair.
pub const FAIR: f64 = 45.0;

/// A score in a word.
pub fn verdict(score: f64) -> &'static str {
    match score {
        score if score >= GOOD => "good",
        score if score >= FAIR => "fair",
        _ => "weak",
    }
}

/// Whether a signal was there.
pub fn found(found: Found) -> &'static str {
    match found {
        Found::Heard => "heard",
        Found::Seen => "seen in the code",
        Found::Both => "heard and seen",
        Found::NotFound => "not found",
    }
}

/// A metric's value with its unit.
pub fn value(value: f64, unit: &str) -> String {
    match unit {
        "share" => format!("{:.0} %", value * 100.0),
        "count" if value.fract() == 0.0 => format!("{value:.0}"),
        "count" => format!("{value:.1}"),
        "s" => format!("{value:.1} s"),
        "min" => format!("{value:.1} min"),
        "words/min" => format!("{value:.0} words a minute"),
        "points" => format!("{value:.0}"),
        _ => format!("{value:.2} {unit}").trim_end().to_owned(),
    }
}

/// A value where there is little room.
pub fn short(value: f64, unit: &str) -> String {
    match unit {
        "share" => format!("{:.0} %", value * 100.0),
        _ if value.abs() >= 1e6 => format!("{value:.0e}"),
        _ if value.fract().abs() < 0.05 || value.abs() >= 100.0 => format!("{value:.0}"),
        _ => format!("{value:.1}"),
    }
}

/// A change of a metric's value, with its sign.
pub fn change(change: f64, unit: &str) -> String {
    // Rounded to nothing it has no sign.
    let signed = |change: f64, digits: usize| {
        let text = format!("{change:+.digits$}");
        let is_zero = text.chars().all(|c| !c.is_ascii_digit() || c == '0');
        if is_zero { format!("{:.digits$}", 0.0) } else { text }
    };
    match unit {
        "share" => format!("{} %", signed(change * 100.0, 1)),
        "count" => signed(change, 2),
        "points" => signed(change, 1),
        "words/min" => format!("{} words a minute", signed(change, 1)),
        _ => format!("{} {unit}", signed(change, 2)).trim_end().to_owned(),
    }
}

/// `text` cut to about `width` characters at a word.
pub fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let head: String = text.chars().take(width.saturating_sub(1)).collect();
    let ends_a_word = text[head.len()..].starts_with(' ');
    let kept = head.rfind(' ').filter(|_| !ends_a_word).map_or(head.as_str(), |at| &head[..at]);
    format!("{}…", kept.trim_end_matches([',', '.', ';']))
}

/// The end of `text`, of about `width` characters: of a path the end says most.
pub fn cut_start(text: &str, width: usize) -> String {
    let length = text.chars().count();
    if length <= width {
        return text.to_owned();
    }
    let tail: String = text.chars().skip(length - width + 1).collect();
    format!("…{tail}")
}

/// What a metric is called where the scorecard has no title for it: `fillers.per_100_words` is "Fillers per 100 words".
pub fn name(id: &str) -> String {
    let words = id.replace(['.', '_'], " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_as_people_say_them() {
        assert_eq!(value(0.704, "share"), "70 %");
        assert_eq!(value(64.02, "s"), "64.0 s");
        assert_eq!(change(-0.0123, "share"), "-1.2 %");
        assert_eq!(change(0.001, "count"), "0.00");
        assert_eq!(change(2.5, "s"), "+2.50 s");
        assert_eq!(cut("one two three", 8), "one two…");
        assert_eq!(cut("one", 8), "one");
        assert_eq!(cut_start("src/deep/file.rs", 8), "…file.rs");
        assert_eq!(name("edits.explained_before"), "Edits explained before");
        assert_eq!([44.9, 45.0, 75.0].map(verdict), ["weak", "fair", "good"]);
        assert_eq!(cut("ééééééééé", 4), "ééé…");
    }
}
