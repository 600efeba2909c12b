//! The tables, and how a file with older ones comes to have them.

use chrono::Local;
use rusqlite::{Connection, Transaction, params};
use rusqlite_migration::{HookResult, M, Migrations};

use crate::session::hash::sha256;
use crate::session::history::moment;

/// What `user_version` is after all steps.
pub const VERSION: i64 = 2;
/// Marks a database as this program's: "TALD".
pub const APPLICATION: i64 = 0x5441_4c44;
/// Tables of schema 1, with their columns.
pub const EARLY: (&str, [&str; 3]) = ("session", ["id", "started_at", "words"]);

/// Schema 1: one table. Files that have it may not say so in `user_version`.
const ONE: &str = "CREATE TABLE IF NOT EXISTS session(id TEXT PRIMARY KEY, started_at TEXT, words INT);";

/// Schema 2: every analysis with all that was measured. `current`: no later analysis of that session has replaced it.
const TWO: &str = "
PRAGMA application_id = 0x54414c44;
CREATE TABLE analysis(
  key INTEGER PRIMARY KEY,
  session TEXT NOT NULL,
  current INTEGER NOT NULL CHECK(current IN (0, 1)),
  content TEXT NOT NULL,
  title TEXT NOT NULL DEFAULT '',
  problem TEXT,
  profile TEXT,
  started_ms INTEGER,
  started_at TEXT,
  dated TEXT NOT NULL DEFAULT 'unknown',
  duration_ms INTEGER,
  card_id TEXT NOT NULL DEFAULT '',
  card_version INTEGER NOT NULL DEFAULT 0,
  card_hash TEXT NOT NULL DEFAULT '',
  model TEXT NOT NULL DEFAULT '',
  language TEXT NOT NULL DEFAULT '',
  tool TEXT NOT NULL DEFAULT '',
  heard INTEGER NOT NULL DEFAULT 0,
  total REAL,
  analysed_ms INTEGER,
  analysed_at TEXT,
  material TEXT NOT NULL DEFAULT '{}'
) STRICT;
CREATE UNIQUE INDEX current_analysis ON analysis(session) WHERE current = 1;
CREATE INDEX analysis_by_session ON analysis(session);
CREATE INDEX analysis_by_time ON analysis(started_ms, key) WHERE current = 1;
CREATE TABLE category(
  analysis INTEGER NOT NULL REFERENCES analysis ON DELETE CASCADE,
  id TEXT NOT NULL, score REAL, PRIMARY KEY(analysis, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE metric(
  analysis INTEGER NOT NULL REFERENCES analysis ON DELETE CASCADE,
  id TEXT NOT NULL, value REAL, unit TEXT NOT NULL, confidence REAL NOT NULL, PRIMARY KEY(analysis, id)
) STRICT, WITHOUT ROWID;
CREATE TABLE evidence(
  analysis INTEGER NOT NULL REFERENCES analysis ON DELETE CASCADE,
  metric TEXT NOT NULL, place INTEGER NOT NULL, start_ms INTEGER NOT NULL, end_ms INTEGER NOT NULL, quote TEXT NOT NULL,
  PRIMARY KEY(analysis, metric, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE finding(
  analysis INTEGER NOT NULL REFERENCES analysis ON DELETE CASCADE,
  rule TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY(analysis, rule)
) STRICT, WITHOUT ROWID;
CREATE TABLE focus(
  analysis INTEGER NOT NULL REFERENCES analysis ON DELETE CASCADE,
  place INTEGER NOT NULL, rule TEXT NOT NULL, points REAL NOT NULL, PRIMARY KEY(analysis, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE plan(
  analysis INTEGER NOT NULL REFERENCES analysis ON DELETE CASCADE,
  place INTEGER NOT NULL, stage TEXT NOT NULL, minutes REAL NOT NULL, PRIMARY KEY(analysis, place)
) STRICT, WITHOUT ROWID;
CREATE TABLE tag(session TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY(session, name)) STRICT, WITHOUT ROWID;
CREATE TABLE goal(metric TEXT PRIMARY KEY, direction TEXT NOT NULL, target REAL NOT NULL) STRICT, WITHOUT ROWID;
";

pub fn migrations() -> Migrations<'static> {
    Migrations::new(vec![M::up(ONE), M::up_with_hook(TWO, keep_early_rows)])
}

/// Takes the rows of schema 1 over. Rows that are the same in everything are one; of several with one id the last is
/// current.
fn keep_early_rows(transaction: &Transaction) -> HookResult {
    {
        let mut rows = transaction.prepare(
            "SELECT id, started_at, CAST(words AS REAL), max(rowid) AS last FROM session \
             GROUP BY id, started_at, words ORDER BY last",
        )?;
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            let (id, started, words): (Option<String>, Option<String>, Option<f64>) =
                (row.get(0)?, row.get(1)?, row.get(2)?);
            let content = sha256(format!("{id:?} {started:?} {words:?}"));
            let id = id.unwrap_or_else(|| format!("row-{}", &content[..16]));
            let at = started.and_then(|text| moment::read(&text, &Local).ok());
            transaction.execute("UPDATE analysis SET current = 0 WHERE session = ?1", [&id])?;
            transaction.execute(
                "INSERT INTO analysis(session, current, content, started_ms, started_at, dated) VALUES(?1, 1, ?2, ?3, ?4, ?5)",
                params![
                    id,
                    content,
                    at.map(|at| at.timestamp_millis()),
                    at.map(|at| at.to_rfc3339()),
                    if at.is_some() { "session" } else { "unknown" },
                ],
            )?;
            transaction.execute(
                "INSERT INTO metric VALUES(?1, 'words', ?2, 'count', 1.0)",
                params![transaction.last_insert_rowid(), words],
            )?;
        }
    }
    transaction.execute_batch("DROP TABLE session;")?;
    Ok(())
}

/// Why a database below [`VERSION`] cannot be taken over, if it cannot.
pub fn stranger(connection: &Connection) -> rusqlite::Result<Option<String>> {
    let (early, columns) = EARLY;
    for table in tables(connection)? {
        if table != early {
            return Ok(Some(format!(
                "it has a table {table} that does not belong there, of another program or of a migration that ended half-way"
            )));
        }
        let mut own = connection.prepare("SELECT name FROM pragma_table_info(?1)")?;
        let own: Vec<String> = own.query_map([&table], |row| row.get(0))?.collect::<Result<_, _>>()?;
        if own != columns {
            return Ok(Some(format!("its table {table} has other columns than that of any version")));
        }
    }
    Ok(None)
}

pub fn tables(connection: &Connection) -> rusqlite::Result<Vec<String>> {
    let mut tables = connection.prepare(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )?;
    tables.query_map([], |row| row.get(0))?.collect()
}
