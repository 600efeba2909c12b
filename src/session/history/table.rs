//! `history export csv` and back: a row a session, a column a measure. Moments are left to the JSON form.

use std::collections::BTreeSet;

use chrono::TimeZone;

use super::foreign::Imported;
use super::record::SCORE;
use super::{Dated, SessionRecord, row};

const HEAD: [&str; 24] = [
    "id",
    "current",
    "title",
    "problem",
    "profile",
    "tags",
    "started_at",
    "dated",
    "duration",
    "scorecard",
    "scorecard_version",
    "scorecard_hash",
    "model",
    "language",
    "tool",
    "heard",
    "total",
    "analysed_at",
    "session",
    "report",
    "transcript",
    "edits",
    "plan",
    "focus",
];
/// A cell that starts so would be run as a formula by a spreadsheet.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

pub fn write(sessions: &[SessionRecord]) -> Result<String, csv::Error> {
    let categories: BTreeSet<&String> = sessions.iter().flat_map(|record| record.categories.keys()).collect();
    let rules: BTreeSet<&String> = sessions.iter().flat_map(|record| record.findings.keys()).collect();
    let metrics: BTreeSet<(&str, &str)> = sessions
        .iter()
        .flat_map(|record| &record.metrics)
        .map(|metric| (metric.id.as_str(), metric.unit.as_str()))
        .collect();
    let mut names: Vec<String> = HEAD.map(str::to_owned).into();
    names.extend(categories.iter().map(|id| format!("{SCORE}{id}")));
    names.extend(rules.iter().map(|rule| format!("finding.{rule}")));
    names.extend(
        metrics.iter().flat_map(|(id, unit)| [format!("{id} [{unit}]"), format!("{id} [{unit}] confidence")]),
    );
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&names)?;
    let number = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    for record in sessions {
        let mut cells = head(record);
        cells.extend(categories.iter().map(|id| number(record.categories.get(*id).copied().flatten())));
        cells.extend(
            rules.iter().map(|rule| record.findings.get(*rule).map_or_else(String::new, u32::to_string)),
        );
        for (id, unit) in &metrics {
            let metric = record.metrics.iter().find(|metric| metric.id == *id && metric.unit == *unit);
            cells.push(number(metric.and_then(|metric| metric.value)));
            cells.push(number(metric.map(|metric| metric.confidence)));
        }
        writer.write_record(&cells)?;
    }
    let bytes = writer.into_inner().map_err(|error| error.into_error())?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn head(record: &SessionRecord) -> Vec<String> {
    let head = &record.head;
    let option = |text: &Option<String>| guarded(text.as_deref().unwrap_or_default());
    let pairs = |pairs: Vec<(&str, f64)>| {
        guarded(
            &pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(";"),
        )
    };
    vec![
        guarded(&head.id),
        record.current.to_string(),
        guarded(&head.title),
        option(&head.problem),
        option(&head.profile),
        guarded(&head.tags.join(";")),
        head.started_at.map_or_else(String::new, |at| at.to_rfc3339()),
        match head.dated {
            Dated::Session => "session",
            Dated::File => "file",
            Dated::Unknown => "",
        }
        .to_owned(),
        head.duration.map_or_else(String::new, |duration| duration.as_seconds().to_string()),
        guarded(&head.scorecard.id),
        head.scorecard.version.to_string(),
        guarded(&head.scorecard.hash),
        guarded(&head.model),
        guarded(&head.language),
        guarded(&head.tool),
        head.heard.to_string(),
        head.total.map_or_else(String::new, |total| total.to_string()),
        head.analysed_at.map_or_else(String::new, |at| at.to_rfc3339()),
        option(&head.material.session),
        option(&head.material.report),
        option(&head.material.transcript),
        option(&head.material.edits),
        pairs(record.plan.iter().map(|stage| (stage.stage.as_str(), stage.minutes)).collect()),
        pairs(record.focus.iter().map(|focus| (focus.rule.as_str(), focus.points)).collect()),
    ]
}

fn guarded(text: &str) -> String {
    if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

fn unguarded(text: &str) -> &str {
    text.strip_prefix('\'').filter(|rest| rest.starts_with(FORMULA)).unwrap_or(text)
}

/// Reads a table with a line of names. Times without an offset are those of `zone`.
pub fn read(text: &str, zone: &impl TimeZone) -> Result<Imported, String> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let names = reader.headers().map_err(|error| format!("this is no CSV: {error}"))?.clone();
    if !names.iter().any(|name| ["id", "started_at", "date"].contains(&name)) {
        return Err(
            "the first line of a CSV file names its columns, and one of them is id, started_at or date"
                .into(),
        );
    }
    let mut imported = Imported::default();
    for record in reader.records() {
        let record = record.map_err(|error| format!("this is no CSV: {error}"))?;
        let place = format!("line {}", record.position().map_or(0, csv::Position::line));
        if record.len() > names.len() {
            imported
                .problems
                .push(format!("{place}: it has more cells than there are columns; those are left out"));
        }
        let cells = names.iter().zip(&record);
        let cells = cells.map(|(name, text)| (name.to_owned(), unguarded(text).to_owned())).collect();
        let session = row::record(cells, &place, zone, &mut imported.problems);
        imported.sessions.push(session);
    }
    Ok(imported)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::Millis;
    use crate::session::history::{CardRef, FocusRow, MetricRow, PlanRow, SessionHead};
    use chrono::{DateTime, Utc};

    fn full() -> SessionRecord {
        SessionRecord {
            head: SessionHead {
                id: "a".into(),
                title: "=HYPERLINK(\"x\"), \"quoted\"\nsecond line".into(),
                problem: Some("two-sum".into()),
                profile: Some("live-45".into()),
                tags: vec!["x".into(), "y z".into()],
                started_at: DateTime::parse_from_rfc3339("2026-10-25T02:30:00+02:00").ok(),
                dated: Dated::File,
                duration: Some(Millis(600_500)),
                scorecard: CardRef { id: "c".into(), version: 3, hash: "h".into() },
                model: "m".into(),
                language: "en".into(),
                tool: "t".into(),
                heard: true,
                total: Some(62.5),
                analysed_at: DateTime::parse_from_rfc3339("2026-10-26T02:30:00+01:00").ok(),
                ..SessionHead::default()
            },
            current: false,
            categories: [("flow".to_owned(), Some(40.0))].into(),
            metrics: vec![
                MetricRow {
                    id: "edits.lead".into(),
                    value: Some(-3.25),
                    unit: "s".into(),
                    confidence: 0.5,
                    ..Default::default()
                },
                MetricRow {
                    id: "talk.ratio".into(),
                    value: None,
                    unit: "share".into(),
                    confidence: 1.0,
                    ..Default::default()
                },
            ],
            findings: [("long-silence".to_owned(), 2)].into(),
            focus: vec![FocusRow { rule: "long-silence".into(), points: 12.5 }],
            plan: vec![PlanRow { stage: "clarify".into(), minutes: 5.0 }],
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let sessions = [
            full(),
            SessionRecord {
                head: SessionHead { id: "b".into(), ..Default::default() },
                current: true,
                categories: [("flow".to_owned(), None)].into(),

                ..Default::default()
            },
        ];
        let text = write(&sessions).unwrap();
        let back = read(&text, &Utc).unwrap();
        assert_eq!(back.problems, [""; 0]);
        assert_eq!(back.sessions, sessions);
        assert!(text.contains("\"'=HYPERLINK"), "{text}");
    }

    #[test]
    fn faults_are_told_with_their_line_and_no_row_is_lost() {
        let text = "id,started_at,talk.ratio [share],mood\na,2026-01-05,0.5,good\nb,soon,NaN,\n,2026-01-06,,,extra\n";
        let back = read(text, &Utc).unwrap();
        assert_eq!(back.sessions.len(), 3);
        assert_eq!(back.sessions[0].value("talk.ratio"), Some(0.5));
        let problems = back.problems.join("\n");
        for says in [
            "line 2: mood",
            "line 3: started_at",
            "line 3: talk.ratio",
            "line 4: it has no id",
            "line 4: it has more cells",
        ] {
            assert!(problems.contains(says), "{says} is not in {problems}");
        }
        assert!(read("x,y\n1,2\n", &Utc).is_err());
    }
}
