//! `trends.html`: a self-contained page.

use minijinja::value::Serde;
use minijinja::{Error, Value, context};

use super::{Trends, charts};
use crate::report::html::environment;

const TEMPLATE: &str = include_str!("../trends.html");

pub fn render(trends: &Trends) -> Result<String, Error> {
    let charts: Vec<Option<String>> = trends.measures.iter().map(charts::small_multiple).collect();
    let streaks: Vec<Option<String>> = trends.measures.iter().map(|measure| measure.streak_words()).collect();
    let mut environment = environment()?;
    environment.add_template("trends.html", TEMPLATE)?;
    let shown = |value: f64, unit: String| crate::report::show::value(value, &unit);
    environment.add_filter("shown", shown);
    environment.add_filter("chance", super::measure::chance);
    let page = context! { trends => Value::from(Serde(trends)), charts => charts, bands => bands(trends), streaks => streaks };
    environment.get_template("trends.html")?.render(page)
}

/// The good range of each measure in words.
fn bands(trends: &Trends) -> Vec<String> {
    let words = |measure: &super::MeasureTrend| {
        let shown = |value: f64| crate::report::show::value(value, &measure.unit);
        measure.band.map_or_else(String::new, |band| band.describe(shown))
    };
    trends.measures.iter().map(words).collect()
}
