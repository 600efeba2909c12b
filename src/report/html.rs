//! `report.html`: a self-contained page from [`Page`] and a template. Its one script and one style are allowed by
//! their hash; nothing else may run or be fetched.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, ValueKind};
use minijinja::{Environment, Error, Value, escape_formatter};
use sha2::{Digest, Sha256};

use super::page::{Page, Sound};
use super::show;
use crate::session::Millis;

const TEMPLATE: &str = include_str!("page/report.html");
const STYLE: &str = include_str!("page/style.css");
const SCRIPT: &str = concat!(
    include_str!("page/data.js"),
    include_str!("page/replay.js"),
    include_str!("page/player.js"),
    include_str!("page/timeline.js"),
    include_str!("page/code.js"),
    include_str!("page/transcript.js"),
    include_str!("page/main.js"),
);
/// Where embedded sound goes. Text from outside is escaped and can never hold it.
const SOUND: &str = "<!-- sound -->";

pub fn render(page: &Page, sound: &Sound) -> Result<String, Error> {
    let mut environment = environment()?;
    environment.add_global("style", Value::from_safe_string(STYLE.to_owned()));
    environment.add_global("script", Value::from_safe_string(SCRIPT.to_owned()));
    environment.add_global("policy", Value::from_safe_string(policy()));
    // The name ends in .html: everything that is filled in is escaped.
    environment.add_template("report.html", TEMPLATE)?;
    let html = environment.get_template("report.html")?.render(Value::from(Serde(page)))?;
    Ok(with_sound(html, sound))
}

/// What the templates share.
pub(super) fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_filter("clock", |seconds: f64| Millis::from_seconds(seconds).clock());
    environment.add_filter("shorten", |text: String, width: usize| show::cut(&text, width));
    environment.add_filter("fixed", |value: f64, digits: usize| format!("{value:.digits$}"));
    environment.add_filter("verdict", show::verdict);
    environment.set_formatter(|out, state, value| match value.as_str() {
        Some(text) if value.kind() == ValueKind::String && !value.is_safe() && text.contains(is_control) => {
            escape_formatter(out, state, &Value::from(text.replace(is_control, "\u{fffd}")))
        }
        _ => escape_formatter(out, state, value),
    });
    Ok(environment)
}

/// What the page may do. Sound may come from itself or from beside it.
fn policy() -> String {
    let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
    format!(
        "default-src 'none'; script-src 'sha256-{}'; style-src 'sha256-{}'; media-src 'self' data: blob: file:; \
         img-src data:; base-uri 'none'; form-action 'none'",
        hash(SCRIPT),
        hash(STYLE)
    )
}

/// Put in last, so that tens of megabytes do not pass through the template.
fn with_sound(html: String, sound: &Sound) -> String {
    let Sound::Embedded(bytes) = sound else { return html };
    let Some((before, after)) = html.split_once(SOUND) else { return html };
    let mut out = String::with_capacity(html.len() + bytes.len() * 4 / 3 + 4);
    out.push_str(before);
    BASE64_STANDARD.encode_string(bytes, &mut out);
    out.push_str(after);
    out
}

/// What ends a text early, hides it or turns it round.
fn is_control(c: char) -> bool {
    (c.is_control() && !matches!(c, '\n' | '\t'))
        || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::report::document::{AntiPattern, Found, Moment, Report, Signal};
    use crate::report::{charts, sample};
    use crate::session::{Cause, CodeHistory, Edit, EditKind, Hunk, Span};

    fn history() -> CodeHistory {
        let edit = Edit {
            at: Millis::seconds(6),
            monotonic_ns: None,
            path: "a.py".into(),
            kind: EditKind::Create,
            from: None,
            cause: Cause::Typing,
            hunks: vec![Hunk {
                line: 1,
                removed: vec![],
                added: vec!["def evict():".into(), "</script>".into()],
            }],
            hash: String::new(),
        };
        CodeHistory { snapshots: Default::default(), edits: vec![edit] }
    }

    fn rendered(report: &Report, sound: &Sound) -> String {
        let page = Page::new(report, &charts::all(report), &history(), &[vec![0]], sound);
        render(&page, sound).unwrap()
    }

    /// The text between the first `open` and the `close` after it.
    fn inside<'a>(html: &'a str, open: &str, close: &str) -> &'a str {
        html.split_once(open).unwrap().1.split_once(close).unwrap().0
    }

    #[test]
    fn the_policy_names_what_is_in_the_page_and_nothing_else() {
        let html = rendered(&sample::regular(600.0), &Sound::None);
        let policy = inside(&html, "Content-Security-Policy\" content=\"", "\"");
        let hash = |text: &str| BASE64_STANDARD.encode(Sha256::digest(text));
        let script = inside(&html, "<script type=\"module\">", "</script>");
        assert!(policy.contains(&format!("script-src 'sha256-{}'", hash(script))), "{policy}");
        let style = inside(&html, "<style>", "</style>");
        assert!(policy.contains(&format!("style-src 'sha256-{}'", hash(style))), "{policy}");
        assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
        assert!(!html.contains(" style=\""), "a style that the policy forbids");
        assert!(SCRIPT.is_ascii() || !SCRIPT.contains('\r'));
    }

    #[test]
    fn sound_stands_in_the_page_as_it_is() {
        let sound = Sound::Embedded(vec![0, 255, 7, 9]);
        let html = rendered(&sample::single(), &sound);
        assert_eq!(inside(&html, "id=\"sound\">", "</script>"), BASE64_STANDARD.encode([0, 255, 7, 9]));
        let without = rendered(&sample::single(), &Sound::None);
        assert!(!without.contains("id=\"sound\"") && without.contains("no sound here"));
    }

    #[test]
    fn signals_and_habits_show_when_there_are_any() {
        let mut report = sample::single();
        assert!(!rendered(&report, &Sound::None).contains("Signals of seniority"));
        let moment = Moment {
            span: Span::from_seconds(3.0, 4.0),
            quote: "with a lock".into(),
            episode: None,
            seen: true,
        };
        report.signals = [("concurrency", Found::Both), ("extensibility", Found::NotFound)]
            .map(|(id, found)| Signal {
                id: id.into(),
                title: id.to_uppercase(),
                found,
                what: String::new(),
                advice: String::new(),
                note: String::new(),
                evidence: vec![moment.clone()],
            })
            .into();
        report.antipatterns = vec![AntiPattern {
            id: "silent-coder".into(),
            title: "Silent coder".into(),
            found: None,
            confidence: 1.0,
            what: String::new(),
            why: String::new(),
            advice: String::new(),
            note: "no edits are known".into(),
            evidence: vec![],
        }];
        let html = rendered(&report, &Sound::None);
        for says in [
            "CONCURRENCY",
            "heard and seen",
            "with a lock",
            "not found",
            "cannot be told",
            "no edits are known",
        ] {
            assert!(html.contains(says), "{says}");
        }
    }

    #[test]
    fn text_from_outside_is_escaped_and_cannot_steer() {
        let mut report = sample::single();
        report.session.title = "</title><script>x</script>\u{202e}\0{{ 7 * 7 }}<!-- sound -->".into();
        report.utterances[0].text = "<img src=x> שלום".into();
        let html = rendered(&report, &Sound::Embedded(vec![1]));
        let title = inside(&html, "<title>", "</title>");
        assert_eq!(
            title,
            "&lt;&#x2f;title&gt;&lt;script&gt;x&lt;&#x2f;script&gt;\u{fffd}\u{fffd}{{ 7 * 7 }}&lt;!-- sound --&gt; - Thinkaloud"
        );
        assert!(!html.contains("<img") && html.contains("&lt;img src=x&gt;"));
        assert_eq!(html.matches("</script>").count(), 3);
    }

    #[test]
    fn the_context_is_as_in_the_golden_file() {
        let report = sample::single();
        let page = Page::new(&report, &[], &history(), &[vec![0]], &Sound::None);
        let mut context = serde_json::to_value(&page).unwrap();
        // The document has tests of its own, the definitions are those of docs/metrics.md.
        let fields = context.as_object_mut().unwrap();
        fields.remove("report");
        fields.remove("terms");
        for group in fields["groups"].as_array_mut().unwrap() {
            for measure in group["measures"].as_array_mut().unwrap() {
                measure.as_object_mut().unwrap().remove("definition");
            }
        }
        let text = serde_json::to_string_pretty(&context).unwrap() + "\n";
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/page.json");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::write(&path, &text).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(expected == text, "tests/golden/page.json has changed; look at it, then UPDATE_GOLDEN=1");
    }
}
