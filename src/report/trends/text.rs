//! Trends for a terminal, at most 80 columns wide.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::measure::{MeasureTrend, Verdict};
use super::{Trends, counted};
use crate::report::show;
use crate::report::text::{WIDTH, clean, wrapped};

const BOLD: Style = Style::new().bold();
const DIM: Style = Style::new().dimmed();
/// Marks of a sparkline, the latest so many sessions.
const SPARKS: usize = 24;
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

pub fn render(trends: &Trends) -> String {
    let mut out = String::new();
    let Some(compared) = &trends.compared else {
        if trends.sessions == 0 {
            out.push_str("No sessions yet. `thinkaloud analyze` adds each one that it analyses.\n");
        }
        trends.notes.iter().for_each(|note| wrapped(&mut out, "", note));
        return out;
    };
    let weeks = match trends.weeks.now {
        0 | 1 => String::new(),
        weeks => format!(", {weeks} weeks in a row"),
    };
    let _ = writeln!(out, "{BOLD}{}{BOLD:#}{weeks}", counted(trends.sessions, "session"));
    let from = if compared.first == compared.last {
        compared.first.clone()
    } else {
        format!("{} to {}", compared.first, compared.last)
    };
    wrapped(
        &mut out,
        "",
        &clean(&format!(
            "Compared: {}, {from}, with {}",
            counted(compared.sessions, "session"),
            compared.words()
        )),
    );
    for note in &trends.notes {
        wrapped(&mut out, "! ", &clean(note));
    }
    out.push('\n');
    trends.measures.iter().for_each(|measure| one(&mut out, measure));
    section(&mut out, "Last time's things to change", &trends.last_time, |followed| {
        format!("{}: {}", followed.title, followed.words)
    });
    section(&mut out, "Habits that come back", &trends.habits, |habit| {
        format!("{}: {}", habit.title, habit.words)
    });
    section(&mut out, "Your goals", &trends.goals, |goal| format!("{} {}", goal.metric, goal.words));
    if let Some(practice) = &trends.practice {
        let _ = writeln!(out, "\n{BOLD}Practise next: {}{BOLD:#}", practice.title);
        wrapped(&mut out, "  ", &practice.drill);
        wrapped(&mut out, "  Measured by ", &practice.measure);
    }
    out
}

fn section<T>(out: &mut String, title: &str, entries: &[T], words: impl Fn(&T) -> String) {
    if !entries.is_empty() {
        let _ = writeln!(out, "\n{BOLD}{title}{BOLD:#}");
        entries.iter().for_each(|entry| wrapped(out, "  - ", &clean(&words(entry))));
    }
}

/// One measure: its sparkline and last value, and below what can be said of it.
pub fn one(out: &mut String, measure: &MeasureTrend) {
    let values: Vec<Option<f64>> =
        measure.points.iter().filter(|point| point.compared).map(|point| point.value).collect();
    let sparks = sparkline(&values[values.len().saturating_sub(SPARKS)..]);
    let shown = |value: f64| show::value(value, &measure.unit);
    let last = measure.last.map_or("-".to_owned(), shown);
    let _ = writeln!(out, "{:<28} {sparks:<SPARKS$} {last:>20}", show::cut(&clean(&measure.title), 28));
    let colour = match measure.verdict {
        Verdict::Better => Style::new().fg_color(Some(AnsiColor::Green.into())),
        Verdict::Worse => Style::new().fg_color(Some(AnsiColor::Red.into())),
        _ => DIM,
    };
    let mut lines = String::new();
    wrapped(&mut lines, "    ", &measure.words);
    let mut more = Vec::new();
    if let Some(best) = &measure.best {
        let new = if best.new { "new best" } else { "best" };
        more.push(format!("{new} {} on {}", shown(best.value), best.date));
    }
    more.extend(measure.streak_words());
    if let Some(change) = &measure.change {
        more.push(format!(
            "changed on {}: {} before, {} after",
            change.date,
            shown(change.before),
            shown(change.after)
        ));
    }
    if !more.is_empty() {
        wrapped(&mut lines, "    ", &more.join("; "));
    }
    let mut lines = lines.lines();
    let _ = writeln!(out, "{colour}{}{colour:#}", lines.next().unwrap_or_default());
    lines.for_each(|line| {
        let _ = writeln!(out, "{DIM}{line}{DIM:#}");
    });
}

/// A mark a session: higher for a greater value, a dot where it was not measured.
pub fn sparkline(values: &[Option<f64>]) -> String {
    let known = || values.iter().flatten().copied();
    let (low, high) = (known().fold(f64::MAX, f64::min), known().fold(f64::MIN, f64::max));
    let mark = |value: f64| {
        // All equal: in the middle.
        let share = if high > low { (value - low) / (high - low) } else { 0.5 };
        LEVELS[((share * 7.0).round() as usize).min(7)]
    };
    values.iter().map(|value| value.map_or('·', mark)).collect()
}

/// `history show METRIC`: the measure, and its value in every session.
pub fn show_measure(measure: &MeasureTrend) -> String {
    let mut out = String::new();
    one(&mut out, measure);
    if let Some(band) = measure.band {
        let _ = writeln!(out, "    good: {}", band.describe(|value| show::value(value, &measure.unit)));
    }
    out.push('\n');
    let known = measure.points.iter().filter_map(|point| point.value);
    let (low, high) =
        known.fold((f64::MAX, f64::MIN), |(low, high), value| (low.min(value), high.max(value)));
    for point in &measure.points {
        let value = point.value.map_or("-".to_owned(), |value| show::value(value, &measure.unit));
        let share =
            point.value.map_or(0.0, |value| if high > low { (value - low) / (high - low) } else { 0.5 });
        let bar = "█".repeat((share * 24.0).round() as usize);
        let apart = if point.compared { "" } else { " (other conditions)" };
        let line = format!(
            "  {}  {:<10} {value:>20}  {bar}{apart}",
            point.date,
            show::cut(&clean(&point.session), 10)
        );
        let _ = writeln!(out, "{}", line.chars().take(WIDTH + 2).collect::<String>().trim_end());
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sparklines_of_any_values() {
        assert_eq!(sparkline(&[Some(0.0), None, Some(7.0), Some(3.5)]), "▁·█▅");
        assert_eq!(sparkline(&[Some(2.0), Some(2.0)]), "▅▅");
        assert_eq!(sparkline(&[None]), "·");
        assert_eq!(sparkline(&[]), "");
    }
}
