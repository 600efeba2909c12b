//! How each number is made: `docs/metrics.md`, by the id of the metric.

use std::collections::BTreeMap;

use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd, html};

/// The one place where the measures are defined.
const METRICS: &str = include_str!("../../docs/metrics.md");
/// Stands for a name of the user's own, in an id.
const ANY: &str = "NAME";

/// Definitions as HTML that stands inside a paragraph.
pub struct Definitions(BTreeMap<String, String>);

impl Default for Definitions {
    fn default() -> Self {
        Self(rows(METRICS))
    }
}

impl Definitions {
    pub fn of(&self, id: &str) -> Option<&str> {
        let mut found = self.0.iter().filter(|(pattern, _)| matches(pattern, id));
        found.next().map(|(_, html)| html.as_str())
    }

    /// What the definitions speak of: speech, pause, episode, utterance. As HTML.
    pub fn terms() -> String {
        let head = METRICS.split("\n## ").next().unwrap_or_default();
        let text = head.split_once("\n\n").map_or(head, |(_, text)| text);
        written(Parser::new(text).filter(|event| !is_link(event)))
    }
}

fn matches(pattern: &str, id: &str) -> bool {
    match pattern.split_once(ANY) {
        Some((head, tail)) => {
            id.len() > head.len() + tail.len() && id.starts_with(head) && id.ends_with(tail)
        }
        None => pattern == id,
    }
}

/// A table's first cell names metrics, each as code; its last cell defines them.
fn rows(markdown: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let (mut cells, mut cell): (Vec<Vec<Event>>, Vec<Event>) = Default::default();
    for event in Parser::new_ext(markdown, Options::ENABLE_TABLES) {
        match event {
            Event::Start(Tag::TableRow) => cells.clear(),
            Event::Start(Tag::TableCell) => cell.clear(),
            Event::End(TagEnd::TableCell) => cells.push(std::mem::take(&mut cell)),
            Event::End(TagEnd::TableRow) => {
                let ids = cells.first().into_iter().flatten().filter_map(|event| match event {
                    Event::Code(id) => Some(id.to_string()),
                    _ => None,
                });
                let text = cells.last().cloned().unwrap_or_default();
                let html = written(text.into_iter());
                found.extend(ids.map(|id| (id, html.clone())));
            }
            // Links lead to other files, which are not beside a report.
            event if is_link(&event) => {}
            event => cell.push(event),
        }
    }
    found
}

fn is_link(event: &Event) -> bool {
    matches!(event, Event::Start(Tag::Link { .. }) | Event::End(TagEnd::Link))
}

fn written<'a>(events: impl Iterator<Item = Event<'a>>) -> String {
    let mut out = String::new();
    html::push_html(&mut out, events);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::METRICS as MEASURED;

    #[test]
    fn every_metric_is_defined() {
        let definitions = Definitions::default();
        for id in MEASURED {
            let html = definitions.of(id).unwrap_or_else(|| panic!("docs/metrics.md does not define {id}"));
            assert!(html.len() > 8 && !html.contains("<p>"), "{id}: {html}");
        }
        assert!(definitions.of("stage.clarify.minutes").is_some());
        assert_eq!(definitions.of("stage.minutes"), None);
        assert_eq!(definitions.of("made.up"), None);
    }

    #[test]
    fn code_in_a_definition_is_marked_and_links_are_words() {
        let rows = rows("| id | unit | d |\n|---|---|---|\n| `a.b`, `a.c` | s | of `x` < [y](z.md) |\n");
        assert_eq!(rows["a.b"], "of <code>x</code> &lt; y");
        assert_eq!(rows["a.c"], rows["a.b"]);
        let terms = Definitions::terms();
        assert!(terms.contains("<strong>episode</strong>") && !terms.contains("<a "), "{terms}");
    }
}
