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
    environment.add_global("style", Value::from_safe_string(STYLE.to_owned()));
    environment.add_global("script", Value::from_safe_string(SCRIPT.to_owned()));
    environment.add_global("policy", policy());
    // The name ends in .html: everything that is filled in is escaped.
    environment.add_template("report.html", TEMPLATE)?;
    let html = environment.get_template("report.html")?.render(Value::from(Serde(page)))?;
    Ok(with_sound(html, sound))
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
