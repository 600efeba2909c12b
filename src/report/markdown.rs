//! `report.md`: the report for a notebook or a pull request.

use std::fmt::Write as _;

use super::document::Report;
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
            let _ =
                writeln!(out, "{}. **{}.** {} {}", index + 1, focus.title, escaped(&focus.advice), focus.why);
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
    let _ = writeln!(out, "\n## Measures\n\n| measure | value | note |\n|---|---:|---|");
    for metric in &report.metrics {
        let value =
            metric.value.map_or("too little data".to_owned(), |value| show::value(value, metric.unit));
        let _ = writeln!(out, "| {} | {value} | {} |", metric.id, escaped(&metric.note));
    }
    let _ = writeln!(out, "\n## Transcript\n");
    for said in &report.utterances {
        let labels: Vec<&str> = said.labels.keys().map(String::as_str).collect();
        let labels = if labels.is_empty() { String::new() } else { format!(" *({})*", labels.join(", ")) };
        let _ = writeln!(out, "- {} {}: {}{labels}", said.span.start, said.speaker, escaped(&said.text));
    }
    out
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
