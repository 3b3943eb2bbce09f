//! A report of a CSV table: per group, the count, minimum, mean and maximum of a column.
//!
//! It works in chunks of rows. After each chunk a heartbeat carries what it has so far, so that an attempt that
//! follows a killed one goes on from there.

use std::collections::BTreeMap;
use std::time::Duration;

use csv::{Reader, StringRecord};
use isolet_sdk::{ActivityContext, ActivityError, ApplicationFailure, Bytes, Level, activity};
use serde::{Deserialize, Serialize};

mod summary;

use summary::{Group, Summary};

isolet_sdk::export!(csv_report);

/// What to report, and how.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Options {
    /// The column whose values are the groups.
    group_by: String,
    /// The column of numbers.
    measure: String,
    /// How many rows are read between two heartbeats.
    #[serde(default = "default_chunk_rows")]
    chunk_rows: u64,
    /// How long to pause after each chunk, in milliseconds: makes a short table take long.
    #[serde(default)]
    pause_per_chunk_ms: u64,
}

fn default_chunk_rows() -> u64 {
    250
}

/// How far the work is: the details of the heartbeat.
#[derive(Debug, Default, Deserialize, Serialize)]
struct Progress {
    /// Rows read.
    rows: u64,
    /// Those of them without a number.
    skipped_rows: u64,
    /// What they come to.
    groups: BTreeMap<String, Summary>,
}

/// The result.
#[derive(Debug, PartialEq, Serialize)]
struct Report {
    /// Rows of the table.
    rows: u64,
    /// Those of them without a number.
    skipped_rows: u64,
    /// The attempt that finished.
    attempt: u32,
    /// The row after which this attempt began: 0 unless an earlier one was cut off.
    resumed_after_row: u64,
    /// The groups, in alphabetical order.
    groups: Vec<Group>,
}

/// Reports on a table with a header line.
#[activity]
fn csv_report(context: &ActivityContext, table: Bytes, options: Options) -> Result<Report, ActivityError> {
    let mut reader = Reader::from_reader(table.as_ref());
    let header = reader.headers().map_err(bad_table)?.clone();
    let (group_by, measure) = (column(&header, &options.group_by)?, column(&header, &options.measure)?);

    let mut progress: Progress = context.heartbeat_details()?.unwrap_or_default();
    let resumed_after_row = progress.rows;
    if resumed_after_row > 0 {
        context.log_with(Level::Info, "going on where an earlier attempt was", &[("row", &resumed_after_row)]);
    }

    for (row, record) in (1..).zip(reader.records()) {
        let record = record.map_err(bad_table)?;
        if row <= resumed_after_row {
            continue;
        }
        progress.add(record.get(group_by).unwrap_or_default(), record.get(measure).unwrap_or_default());
        if row % options.chunk_rows.max(1) == 0 {
            context.heartbeat(&progress);
            context.sleep(Duration::from_millis(options.pause_per_chunk_ms))?;
        }
    }

    Ok(Report {
        rows: progress.rows,
        skipped_rows: progress.skipped_rows,
        attempt: context.info().attempt,
        resumed_after_row,
        groups: progress.groups.into_iter().map(|(name, summary)| summary.group(name)).collect(),
    })
}

impl Progress {
    fn add(&mut self, group: &str, value: &str) {
        self.rows += 1;
        match value.trim().parse() {
            Ok(value) => match self.groups.get_mut(group) {
                Some(summary) => summary.add(value),
                None => {
                    self.groups.insert(group.to_owned(), Summary::of(value));
                }
            },
            Err(_) => self.skipped_rows += 1,
        }
    }
}

/// The position of the column of this name.
fn column(header: &StringRecord, name: &str) -> Result<usize, ActivityError> {
    header.iter().position(|column| column == name).ok_or_else(|| {
        let columns: Vec<_> = header.iter().collect();
        ApplicationFailure::new(format!("no column {name}; there are {}", columns.join(", ")))
            .with_type("UnknownColumn")
            .with_detail(columns)
            .non_retryable()
            .into()
    })
}

/// The same table is as bad at the next attempt.
fn bad_table(error: csv::Error) -> ActivityError {
    ApplicationFailure::new("the table is no CSV").with_type("BadTable").with_cause(error).non_retryable().into()
}

#[cfg(test)]
mod tests;
