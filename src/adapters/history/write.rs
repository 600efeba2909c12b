//! Rows go in, whole or not at all.

use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};

use super::{History, Result};
use crate::session::history::{Dated, SessionRecord};

/// What became of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stored {
    Added,
    /// The session was known; what was known before is kept as a revision.
    Replaced,
    /// The session is known as of a later analysis; this one is kept as a revision.
    Revision,
    /// Just this is known already.
    Same,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub added: usize,
    pub replaced: usize,
    pub revisions: usize,
    pub same: usize,
}

impl History {
    /// A fresh analysis: it replaces what is known of that session.
    pub fn put(&mut self, record: &SessionRecord) -> Result<Stored> {
        self.change(|transaction| store(transaction, record, true))
    }

    /// Rows from elsewhere, all or none of them; what is known as of a later analysis stays.
    pub fn import(&mut self, records: &[SessionRecord]) -> Result<Counts> {
        self.change(|transaction| {
            let mut counts = Counts::default();
            for record in records {
                match store(transaction, record, false)? {
                    Stored::Added => counts.added += 1,
                    Stored::Replaced => counts.replaced += 1,
                    Stored::Revision => counts.revisions += 1,
                    Stored::Same => counts.same += 1,
                }
            }
            Ok(counts)
        })
    }

    /// Removes every analysis of a session and its tags; gives how many analyses there were.
    pub fn forget(&mut self, session: &str) -> Result<usize> {
        let count = self.change(|transaction| {
            transaction.execute("DELETE FROM tag WHERE session = ?1", [session])?;
            transaction.execute("DELETE FROM analysis WHERE session = ?1", [session])
        })?;
        // What is still in the log is merged and cut off. Another reader may hinder that; it is then done later.
        let _ = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        Ok(count)
    }

    pub(super) fn change<T>(
        &mut self,
        change: impl FnOnce(&Transaction) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let path = self.path.clone();
        let told = |error| super::HistoryError::sql(&path, error);
        let transaction =
            self.writing()?.transaction_with_behavior(TransactionBehavior::Immediate).map_err(told)?;
        let value = change(&transaction).map_err(told)?;
        transaction.commit().map_err(told)?;
        Ok(value)
    }
}

fn store(transaction: &Transaction, record: &SessionRecord, fresh: bool) -> rusqlite::Result<Stored> {
    let session = &record.head.id;
    for tag in &record.head.tags {
        transaction.prepare_cached("INSERT OR IGNORE INTO tag VALUES(?1, ?2)")?.execute([session, tag])?;
    }
    let content = record.content();
    if !fresh {
        let mut same =
            transaction.prepare_cached("SELECT 1 FROM analysis WHERE session = ?1 AND content = ?2")?;
        if same.exists([session, &content])? {
            return Ok(Stored::Same);
        }
    }
    let known = transaction
        .prepare_cached("SELECT key, content, analysed_ms FROM analysis WHERE session = ?1 AND current = 1")?
        .query_row([session], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, Option<i64>>(2)?))
        })
        .optional()?;
    let Some((key, known, analysed)) = known else {
        insert(transaction, record, &content, record.current)?;
        return Ok(if record.current { Stored::Added } else { Stored::Revision });
    };
    if fresh && known == content {
        // The same came out: only when and where is new.
        transaction.execute(
            "UPDATE analysis SET analysed_ms = ?2, analysed_at = ?3, material = ?4 WHERE key = ?1",
            params![key, millis(record), analysed_at(record), material(record)],
        )?;
        return Ok(Stored::Same);
    }
    let replaces = fresh || (record.current && millis(record) > analysed);
    if replaces {
        transaction.execute("UPDATE analysis SET current = 0 WHERE key = ?1", [key])?;
    }
    insert(transaction, record, &content, replaces)?;
    Ok(if replaces { Stored::Replaced } else { Stored::Revision })
}

fn millis(record: &SessionRecord) -> Option<i64> {
    record.head.analysed_at.map(|at| at.timestamp_millis())
}

fn analysed_at(record: &SessionRecord) -> Option<String> {
    record.head.analysed_at.map(|at| at.to_rfc3339())
}

fn material(record: &SessionRecord) -> String {
    serde_json::to_string(&record.head.material).unwrap_or_default()
}

fn insert(
    transaction: &Transaction,
    record: &SessionRecord,
    content: &str,
    current: bool,
) -> rusqlite::Result<()> {
    let head = &record.head;
    transaction
        .prepare_cached(
            "INSERT INTO analysis(session, current, content, title, problem, profile, started_ms, started_at, dated, \
             duration_ms, card_id, card_version, card_hash, model, language, tool, heard, total, analysed_ms, \
             analysed_at, material) \
             VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21)",
        )?
        .execute(params![
            head.id,
            current,
            content,
            head.title,
            head.problem,
            head.profile,
            head.started_at.map(|at| at.timestamp_millis()),
            head.started_at.map(|at| at.to_rfc3339()),
            match head.dated {
                Dated::Session => "session",
                Dated::File => "file",
                Dated::Unknown => "unknown",
            },
            head.duration.map(|duration| duration.0),
            head.scorecard.id,
            head.scorecard.version,
            head.scorecard.hash,
            head.model,
            head.language,
            head.tool,
            head.heard,
            head.total,
            millis(record),
            analysed_at(record),
            material(record),
        ])?;
    let key = transaction.last_insert_rowid();
    let prepared = |sql| transaction.prepare_cached(sql);
    let mut category = prepared("INSERT INTO category VALUES(?1, ?2, ?3)")?;
    for (id, score) in &record.categories {
        category.execute(params![key, id, score])?;
    }
    // Of two measures with one name the last is kept.
    let mut metric = prepared("INSERT OR REPLACE INTO metric VALUES(?1, ?2, ?3, ?4, ?5)")?;
    let mut evidence = prepared("INSERT OR REPLACE INTO evidence VALUES(?1, ?2, ?3, ?4, ?5, ?6)")?;
    for row in &record.metrics {
        metric.execute(params![key, row.id, row.value, row.unit, row.confidence])?;
        for (place, moment) in row.evidence.iter().enumerate() {
            let span = moment.span;
            evidence.execute(params![key, row.id, place as i64, span.start.0, span.end.0, moment.quote])?;
        }
    }
    let mut finding = prepared("INSERT INTO finding VALUES(?1, ?2, ?3)")?;
    for (rule, count) in &record.findings {
        finding.execute(params![key, rule, count])?;
    }
    let mut focus = prepared("INSERT INTO focus VALUES(?1, ?2, ?3, ?4)")?;
    for (place, row) in record.focus.iter().enumerate() {
        focus.execute(params![key, place as i64, row.rule, row.points])?;
    }
    let mut plan = prepared("INSERT INTO plan VALUES(?1, ?2, ?3, ?4)")?;
    for (place, row) in record.plan.iter().enumerate() {
        plan.execute(params![key, place as i64, row.stage, row.minutes])?;
    }
    Ok(())
}
