//! `history import`: exported histories, reports, and tables of sessions that somebody else wrote.

use chrono::TimeZone;
use serde_json::Value;

use super::{Goal, SessionRecord, report, row};
use crate::session::FORMAT;

/// What could be read, and in words what could not, each with its place.
#[derive(Debug, Default)]
pub struct Imported {
    pub sessions: Vec<SessionRecord>,
    pub goals: Vec<Goal>,
    pub problems: Vec<String>,
}

/// Reads JSON: an exported history, a report, or a list of rows. Times without an offset are those of `zone`.
pub fn read(text: &str, zone: &impl TimeZone) -> Result<Imported, String> {
    let mut imported = Imported::default();
    let text = without_nan(text, &mut imported.problems);
    let document: Value =
        serde_json::from_str(&text).map_err(|error| format!("this is not JSON: {error}"))?;
    let rows = match document {
        Value::Array(rows) => rows,
        Value::Object(mut fields) => {
            let newer = fields.get("format").and_then(Value::as_u64).filter(|&format| format > FORMAT.into());
            if let Some(format) = newer {
                return Err(format!(
                    "it has format {format}; this program knows up to {FORMAT}: use a newer thinkaloud"
                ));
            }
            if let Some(goals) = fields.remove("goals") {
                match serde_json::from_value(goals) {
                    Ok(goals) => imported.goals = goals,
                    Err(error) => imported.problems.push(format!("goals: left out: {error}")),
                }
            }
            match fields.remove("sessions") {
                Some(Value::Array(rows)) => rows,
                _ if fields.contains_key("scores") => {
                    imported.sessions.push(report::record(&text)?);
                    Vec::new()
                }
                _ => {
                    return Err(
                        "there are neither \"sessions\" nor \"scores\" in it: neither a history nor a report"
                            .into(),
                    );
                }
            }
        }
        _ => return Err("it is neither a list of sessions nor an exported history nor a report".into()),
    };
    for (index, value) in rows.into_iter().enumerate() {
        let place = format!("session {}", index + 1);
        match one(value, &place, zone, &mut imported.problems) {
            Ok(record) => imported.sessions.push(record),
            Err(why) => imported.problems.push(format!("{place}: left out: {why}")),
        }
    }
    Ok(imported)
}

fn one(
    value: Value,
    place: &str,
    zone: &impl TimeZone,
    problems: &mut Vec<String>,
) -> Result<SessionRecord, String> {
    if value.get("metrics").is_some_and(Value::is_array) {
        let record: SessionRecord = serde_json::from_value(value).map_err(|error| error.to_string())?;
        return Ok(row::checked(record, place, problems));
    }
    let Value::Object(fields) = value else { return Err("it is no object".into()) };
    let cells = fields.into_iter().map(|(name, value)| (name, cell(value))).collect();
    Ok(row::record(cells, place, zone, problems))
}

/// A value as a table would have it.
fn cell(value: Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text,
        Value::Array(list) => list.into_iter().map(cell).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}

/// JSON knows no NaN and no infinity, but programs write them: they are taken for missing, and told.
fn without_nan(text: &str, problems: &mut Vec<String>) -> String {
    const WORDS: [&str; 3] = ["-Infinity", "Infinity", "NaN"];
    let mut out = String::with_capacity(text.len());
    let (mut quoted, mut rest) = (false, text);
    while let Some(c) = rest.chars().next() {
        let word = WORDS.iter().find(|word| !quoted && rest.starts_with(**word));
        let length = if let Some(word) = word {
            let before = &text[..text.len() - rest.len()];
            let line = before.matches('\n').count() + 1;
            let column = before.chars().rev().take_while(|&c| c != '\n').count() + 1;
            problems
                .push(format!("line {line}, column {column}: {word} is no number and is taken for missing"));
            out.push_str("null");
            word.len()
        } else {
            quoted ^= c == '"';
            // What a backslash escapes ends no text.
            let escaped =
                if quoted && c == '\\' { rest[1..].chars().next().map_or(0, char::len_utf8) } else { 0 };
            out.push_str(&rest[..c.len_utf8() + escaped]);
            c.len_utf8() + escaped
        };
        rest = &rest[length..];
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::Utc;

    #[test]
    fn rows_of_others_are_read_as_far_as_they_make_sense() {
        let text = r#"[{"id": "a", "started_at": "2026-01-05T10:00:00Z", "intent_ratio": NaN, "longest_gap_s": -Infinity, "words": 900,
            "title": "NaN \" Infinity", "note": "x"}, {"id": 7, "started_at": "10/01/2026"}, 5]"#;
        let imported = read(text, &Utc).unwrap();
        assert_eq!(imported.sessions.len(), 2);
        let first = &imported.sessions[0];
        assert_eq!(first.head.title, "NaN \" Infinity");
        assert_eq!(first.value("words"), Some(900.0));
        assert_eq!(first.value("narration.intent_share"), None);
        assert_eq!(first.metrics.iter().find(|m| m.id == "silence.longest").unwrap().unit, "s");
        assert_eq!(imported.sessions[1].head.id, "7");
        assert_eq!(imported.sessions[1].head.started_at, None);
        let problems = imported.problems.join("\n");
        for says in [
            "line 1, column 68: NaN",
            "-Infinity is no number",
            "session 1: note",
            "10/01/2026",
            "session 3: left out",
        ] {
            assert!(problems.contains(says), "{says} is not in {problems}");
        }
    }

    #[test]
    fn what_is_no_history_is_refused_in_words() {
        for (text, says) in [
            ("{", "not JSON"),
            ("5", "neither a list"),
            ("{}", "neither a history nor a report"),
            (r#"{"format": 9, "sessions": []}"#, "newer thinkaloud"),
        ] {
            let error = read(text, &Utc).unwrap_err();
            assert!(error.contains(says), "{error}");
        }
        assert!(read("[]", &Utc).unwrap().sessions.is_empty());
    }
}
