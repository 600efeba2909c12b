//! Rows come out, oldest first.

use std::collections::HashMap;

use chrono::DateTime;
use rusqlite::types::Value;
use rusqlite::{Connection, Row, params_from_iter};

use super::{History, Result};
use crate::session::history::{
    CardRef, Dated, Filter, FocusRow, MetricRow, Moment, PlanRow, SessionHead, SessionRecord,
};
use crate::session::{Millis, Span};

/// How much of each session is read.
#[derive(Clone, Copy, Debug)]
pub enum Detail<'a> {
    Head,
    /// Scores, focus, findings and these measures, without their moments.
    Values(&'a [String]),
    All,
}

const HEAD: &str = "a.key, a.session, a.current, a.title, a.problem, a.profile, a.started_at, a.dated, a.duration_ms, \
    a.card_id, a.card_version, a.card_hash, a.model, a.language, a.tool, a.heard, a.total, a.analysed_at, a.material, \
    (SELECT group_concat(name, char(31)) FROM tag WHERE tag.session = a.session)";

/// A condition on `analysis AS a`, its order and its values.
struct Query {
    sql: String,
    values: Vec<Value>,
}

impl From<&Filter> for Query {
    fn from(filter: &Filter) -> Self {
        let mut query = Self { sql: "a.current = 1".into(), values: Vec::new() };
        let mut and = |condition: &str, value: Value| {
            query.values.push(value);
            query
                .sql
                .push_str(&format!(" AND {}", condition.replace('?', &format!("?{}", query.values.len()))));
        };
        let text = |text: &String| Value::Text(text.clone());
        filter.problem.iter().for_each(|problem| and("a.problem = ?", text(problem)));
        filter.profile.iter().for_each(|profile| and("a.profile = ?", text(profile)));
        let tagged = "EXISTS(SELECT 1 FROM tag WHERE tag.session = a.session AND tag.name = ?)";
        filter.tag.iter().for_each(|tag| and(tagged, text(tag)));
        filter.since.iter().for_each(|at| and("a.started_ms >= ?", at.timestamp_millis().into()));
        filter.until.iter().for_each(|at| and("a.started_ms < ?", at.timestamp_millis().into()));
        // Sessions without a date come before all others.
        query.sql.push_str(" ORDER BY a.started_ms DESC, a.key DESC");
        if let Some(limit) = filter.limit {
            query.sql.push_str(&format!(" LIMIT {limit}"));
        }
        query
    }
}

impl History {
    /// The sessions that a filter lets through, each as of its last analysis.
    pub fn sessions(&self, filter: &Filter, detail: Detail) -> Result<Vec<SessionRecord>> {
        self.select(filter.into(), detail)
    }

    /// Every analysis of a session: the replaced ones in the order in which they came, then the current one.
    pub fn analyses(&self, session: &str) -> Result<Vec<SessionRecord>> {
        let sql = "a.session = ?1 ORDER BY a.current DESC, a.key DESC".into();
        self.select(Query { sql, values: vec![Value::Text(session.to_owned())] }, Detail::All)
    }

    /// Whether there are replaced analyses of a session.
    pub fn is_revised(&self, session: &str) -> Result<bool> {
        let sql = "SELECT EXISTS(SELECT 1 FROM analysis WHERE session = ?1 AND current = 0)";
        let found = self
            .connection
            .prepare_cached(sql)
            .and_then(|mut rows| rows.query_row([session], |row| row.get(0)));
        found.map_err(|error| self.told(error))
    }

    /// The ids that begin with `text`, at most so many, oldest first.
    pub fn ids(&self, text: &str, limit: usize) -> Result<Vec<String>> {
        let sql = "substr(a.session, 1, length(?1)) = ?1 AND a.current = 1 ORDER BY a.started_ms DESC, a.key DESC LIMIT ?2";
        let values = vec![Value::Text(text.to_owned()), Value::Integer(limit as i64)];
        let found = self.select(Query { sql: sql.into(), values }, Detail::Head)?;
        Ok(found.into_iter().map(|record| record.head.id).collect())
    }

    /// The rules in focus in the `count` sessions before `at` (or the last ones), but for `session` itself; one entry
    /// for each time.
    pub fn recent_focus(
        &self,
        session: &str,
        at: Option<i64>,
        card: &str,
        count: usize,
    ) -> Result<Vec<String>> {
        let read = || -> rusqlite::Result<Vec<String>> {
            let mut rows = self.connection.prepare(
                "SELECT f.rule FROM focus f WHERE f.analysis IN (SELECT key FROM analysis WHERE current = 1 \
                 AND session <> ?1 AND card_id = ?3 AND (?2 IS NULL OR started_ms < ?2) \
                 ORDER BY started_ms DESC, key DESC LIMIT ?4)",
            )?;
            rows.query_map((session, at, card, count as i64), |row| row.get(0))?.collect()
        };
        read().map_err(|error| self.told(error))
    }

    fn select(&self, query: Query, detail: Detail) -> Result<Vec<SessionRecord>> {
        self.read(&query, detail).map_err(|error| self.told(error))
    }

    fn read(&self, query: &Query, detail: Detail) -> rusqlite::Result<Vec<SessionRecord>> {
        // One moment for all tables.
        let connection = &self.connection.unchecked_transaction()?;
        let mut rows = connection.prepare(&format!("SELECT {HEAD} FROM analysis a WHERE {}", query.sql))?;
        let mut found: Vec<(i64, SessionRecord)> =
            rows.query_map(params_from_iter(&query.values), head)?.collect::<rusqlite::Result<_>>()?;
        found.reverse();
        let places: HashMap<i64, usize> =
            found.iter().enumerate().map(|(place, (key, _))| (*key, place)).collect();
        let mut records: Vec<SessionRecord> = found.into_iter().map(|(_, record)| record).collect();
        let parts = Parts { connection, query, places };
        match detail {
            Detail::Head => {}
            Detail::Values(ids) => {
                parts.scores(&mut records)?;
                parts.metrics(&mut records, Some(ids))?;
            }
            Detail::All => {
                parts.scores(&mut records)?;
                parts.metrics(&mut records, None)?;
                parts.moments(&mut records)?;
                parts.plan(&mut records)?;
            }
        }
        Ok(records)
    }
}

/// The tables beside `analysis`.
struct Parts<'a> {
    connection: &'a Connection,
    query: &'a Query,
    places: HashMap<i64, usize>,
}

impl Parts<'_> {
    /// Calls `take` with each row of `table` that belongs to a session, and the session; the first column is its key.
    fn each(
        &self,
        columns: &str,
        table: &str,
        more: &str,
        records: &mut [SessionRecord],
        mut take: impl FnMut(&mut SessionRecord, &Row) -> rusqlite::Result<()>,
    ) -> rusqlite::Result<()> {
        let all = format!(
            "SELECT {columns} FROM {table} t WHERE t.analysis IN (SELECT a.key FROM analysis a WHERE {}) {more}",
            self.query.sql
        );
        let mut rows = self.connection.prepare(&all)?;
        let mut rows = rows.query(params_from_iter(&self.query.values))?;
        while let Some(row) = rows.next()? {
            if let Some(&place) = self.places.get(&row.get(0)?) {
                take(&mut records[place], row)?;
            }
        }
        Ok(())
    }

    fn scores(&self, records: &mut [SessionRecord]) -> rusqlite::Result<()> {
        self.each("t.analysis, t.id, t.score", "category", "", records, |record, row| {
            record.categories.insert(row.get(1)?, row.get(2)?);
            Ok(())
        })?;
        self.each("t.analysis, t.rule, t.count", "finding", "", records, |record, row| {
            record.findings.insert(row.get(1)?, row.get(2)?);
            Ok(())
        })?;
        self.each(
            "t.analysis, t.rule, t.points",
            "focus",
            "ORDER BY t.analysis, t.place",
            records,
            |record, row| {
                record.focus.push(FocusRow { rule: row.get(1)?, points: row.get(2)? });
                Ok(())
            },
        )
    }

    /// Those with these names, or all.
    fn metrics(&self, records: &mut [SessionRecord], ids: Option<&[String]>) -> rusqlite::Result<()> {
        let columns = "t.analysis, t.id, t.value, t.unit, t.confidence";
        self.each(columns, "metric", "ORDER BY t.analysis, t.id", records, |record, row| {
            let name = row.get_ref(1)?.as_str()?;
            if ids.is_none_or(|ids| ids.iter().any(|id| id == name)) {
                record.metrics.push(MetricRow {
                    id: name.to_owned(),
                    value: row.get(2)?,
                    unit: row.get(3)?,
                    confidence: row.get(4)?,
                    evidence: Vec::new(),
                });
            }
            Ok(())
        })
    }

    fn moments(&self, records: &mut [SessionRecord]) -> rusqlite::Result<()> {
        let columns = "t.analysis, t.metric, t.start_ms, t.end_ms, t.quote";
        let order = "ORDER BY t.analysis, t.metric, t.place";
        self.each(columns, "evidence", order, records, |record, row| {
            let id: String = row.get(1)?;
            let span = Span::new(Millis(row.get(2)?), Millis(row.get(3)?));
            if let Some(metric) = record.metrics.iter_mut().find(|metric| metric.id == id) {
                metric.evidence.push(Moment { span, quote: row.get(4)? });
            }
            Ok(())
        })
    }

    fn plan(&self, records: &mut [SessionRecord]) -> rusqlite::Result<()> {
        self.each(
            "t.analysis, t.stage, t.minutes",
            "plan",
            "ORDER BY t.analysis, t.place",
            records,
            |record, row| {
                record.plan.push(PlanRow { stage: row.get(1)?, minutes: row.get(2)? });
                Ok(())
            },
        )
    }
}

fn head(row: &Row) -> rusqlite::Result<(i64, SessionRecord)> {
    let moment = |text: Option<String>| text.and_then(|text| DateTime::parse_from_rfc3339(&text).ok());
    let tags: Option<String> = row.get(19)?;
    let dated: String = row.get(7)?;
    let material: String = row.get(18)?;
    let head = SessionHead {
        id: row.get(1)?,
        title: row.get(3)?,
        problem: row.get(4)?,
        profile: row.get(5)?,
        tags: tags.map_or_else(Vec::new, |tags| tags.split('\u{1f}').map(str::to_owned).collect()),
        started_at: moment(row.get(6)?),
        dated: match dated.as_str() {
            "session" => Dated::Session,
            "file" => Dated::File,
            _ => Dated::Unknown,
        },
        duration: row.get::<_, Option<i64>>(8)?.map(Millis),
        scorecard: CardRef { id: row.get(9)?, version: row.get(10)?, hash: row.get(11)? },
        model: row.get(12)?,
        language: row.get(13)?,
        tool: row.get(14)?,
        heard: row.get(15)?,
        total: row.get(16)?,
        analysed_at: moment(row.get(17)?),
        material: serde_json::from_str(&material).unwrap_or_default(),
    };
    Ok((row.get(0)?, SessionRecord { head, current: row.get(2)?, ..SessionRecord::default() }))
}
