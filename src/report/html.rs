//! `report.html`: a self-contained page from [`Page`] and a template.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, Error, Value};

use super::page::Page;
use super::show;
use crate::session::Millis;

const TEMPLATE: &str = include_str!("report.html");

pub fn render(page: &Page) -> Result<String, Error> {
    let mut environment = environment()?;
    // The name ends in .html: everything that is filled in is escaped.
    environment.add_template("report.html", TEMPLATE)?;
    environment.get_template("report.html")?.render(Value::from(Serde(page)))
}

/// What the templates share.
pub(super) fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.add_filter("clock", |seconds: f64| Millis::from_seconds(seconds).clock());
    environment.add_filter("shorten", |text: String, width: usize| show::cut(&text, width));
    environment.add_filter("fixed", |value: f64, digits: usize| format!("{value:.digits$}"));
    Ok(environment)
}
