//! `report.md`: the report for a notebook or a pull request.

use std::fmt::Write as _;

use super::document::{Moment, Report};
use super::show;

pub fn render(report: &Report) -> String {
    let mut out = String::new();
    let total = report.scores.total.map_or("not scored".to_owned(), |total| format!("**{total:.0} of 100**"));
    let _ = writeln!(out, "# {}\n", escaped(&report.session.title));
    let _ = writeln!(out, "{} long, {}: {total}\n", report.duration, report.scorecard.title);
    for problem in &report.session.problems {
        let _ = writeln!(out, "> {}\n", escaped(problem));
    }
    let _ = writeln!(out, "| category | score |\n|---|---:|");
    for category in &report.scores.ordered {
        let score = category.score.map_or("too little data".to_owned(), |score| format!("{score:.0}"));
        let _ = writeln!(out, "| {} | {score} |", category.title);
    }
    if !report.strengths.is_empty() {
        let _ = writeln!(out, "\n## What went well\n");
        report.strengths.iter().for_each(|strength| {
            let _ = writeln!(out, "- {}", strength.text);
        });
    }
    if !report.focus.is_empty() {
        let _ = writeln!(out, "\n## What to change first\n");
        for (index, focus) in report.focus.iter().enumerate() {
            let told: Vec<String> = [&focus.missing, &focus.advice, &focus.why]
                .into_iter()
                .filter(|text| !text.is_empty())
                .map(|text| escaped(text))
                .collect();
            let _ = writeln!(out, "{}. **{}.** {}", index + 1, focus.title, told.join(" "));
            if !focus.say.is_empty() {
                let _ = writeln!(out, "\n   > {}\n", escaped(&focus.say));
            }
        }
    }
    if !report.goals.is_empty() {
        let _ = writeln!(out, "\n## Your goals\n");
        for goal in &report.goals {
            let _ = writeln!(out, "- {} {}", goal.metric, goal.words);
        }
    }
    let _ = writeln!(out, "\n## Timeline\n\n![Timeline](charts/timeline.svg)\n");
    let _ = writeln!(
        out,
        "## Pauses over 15 seconds\n\n| from | to | seconds | announced | edited |\n|---|---|---:|---|---|"
    );
    for gap in report.gaps.iter().filter(|gap| gap.seconds.as_seconds() > 15.0) {
        let _ = writeln!(
            out,
            "| {} | {} | {:.1} | {} | {} |",
            gap.span.start,
            gap.span.end,
            gap.seconds.as_seconds(),
            if gap.announced { "yes" } else { "no" },
            escaped(&gap.edited.join(", "))
        );
    }
    lists(&mut out, report);
    let _ = writeln!(out, "\n## Measures\n\n| measure | value | note |\n|---|---:|---|");
    for metric in &report.metrics {
        let value =
            metric.value.map_or("too little data".to_owned(), |value| show::value(value, &metric.unit));
        let _ = writeln!(out, "| {} | {value} | {} |", metric.id, escaped(&metric.note));
    }
    let _ = writeln!(out, "\n## Transcript\n");
    for said in &report.utterances {
        let labels: Vec<&str> = said.labels.keys().map(String::as_str).collect();
        let labels = if labels.is_empty() { String::new() } else { format!(" *({})*", labels.join(", ")) };
        let _ =
            writeln!(out, "- {} {}: {}{labels}", said.span.start, said.speaker.name(), escaped(&said.text));
    }
    out
}

/// Signals and anti-patterns, where there are any.
fn lists(out: &mut String, report: &Report) {
    if !report.signals.is_empty() {
        let _ = writeln!(
            out,
            "\n## Signals of seniority\n\n| signal | found | moments | note |\n|---|---|---|---|"
        );
    }
    for signal in &report.signals {
        let found = show::found(signal.found);
        let (moments, note) = (moments(&signal.evidence), escaped(&signal.note));
        let _ = writeln!(out, "| {} | {found} | {moments} | {note} |", signal.title);
    }
    if !report.antipatterns.is_empty() {
        let _ = writeln!(
            out,
            "\n## Habits that cost interviews\n\n| habit | found | moments | note |\n|---|---|---|---|"
        );
    }
    for pattern in &report.antipatterns {
        let found = pattern.found.map_or("cannot be told", |found| if found { "found" } else { "not found" });
        let (moments, note) = (moments(&pattern.evidence), escaped(&pattern.note));
        let _ = writeln!(out, "| {} | {found} | {moments} | {note} |", pattern.title);
    }
}

fn moments(evidence: &[Moment]) -> String {
    let starts: Vec<String> = evidence.iter().take(5).map(|moment| moment.span.start.clock()).collect();
    starts.join(", ")
}

/// Text from outside as plain text in Markdown.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '!' | '&' => {
                out.push('\\');
                out.push(c);
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escaped;

    #[test]
    fn text_from_outside_stays_text() {
        assert_eq!(escaped("<script>a|b\n![x](y)"), "\\<script\\>a\\|b \\!\\[x\\](y)");
    }
}
