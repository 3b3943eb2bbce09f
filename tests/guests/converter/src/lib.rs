//! Activities whose values are of well-known crates: `docs/writing-activities-rust.md` says how each travels.
#![cfg(target_family = "wasm")]

use std::time::Duration;

use bytes::Bytes;
use chrono::{DateTime, Utc};
use isolet_sdk::{ActivityError, Proto, ProtoJson, activity};
use prost::{Message, Name};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use uuid::Uuid;

isolet_sdk::export!(a_day_later, ids, moments, patient, restock, restock_json, reversed);

#[activity]
fn a_day_later(moment: DateTime<Utc>) -> DateTime<Utc> {
    moment + chrono::Duration::days(1)
}

#[derive(Deserialize, Serialize)]
struct Moment {
    #[serde(with = "time::serde::rfc3339")]
    at: OffsetDateTime,
}

#[activity]
fn moments(moment: Moment) -> Moment {
    Moment { at: moment.at + time::Duration::HOUR }
}

/// A new id, behind the one that was given.
#[activity]
fn ids(id: Uuid) -> (Uuid, bool) {
    (id, Uuid::new_v4() != id)
}

#[derive(Deserialize, Serialize)]
struct Job {
    #[serde(with = "isolet_sdk::duration::seconds")]
    patience: Duration,
    #[serde(with = "isolet_sdk::duration::nanoseconds")]
    in_go: Duration,
}

#[activity]
fn patient(job: Job) -> Job {
    Job { patience: job.patience * 2, in_go: job.in_go * 2 }
}

#[activity]
fn reversed(bytes: Bytes) -> Bytes {
    bytes.iter().rev().copied().collect()
}

#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Stock {
    #[prost(string, tag = "1")]
    item_name: String,
    #[prost(uint32, tag = "2")]
    count: u32,
}

impl Name for Stock {
    const NAME: &str = "Stock";
    const PACKAGE: &str = "shop.v1";
}

#[activity]
fn restock(stock: Proto<Stock>) -> Proto<Stock> {
    Proto(Stock { count: stock.0.count + 10, ..stock.0 })
}

#[activity]
fn restock_json(stock: ProtoJson<Stock>) -> Result<ProtoJson<Stock>, ActivityError> {
    let count = stock.0.count.checked_add(10).ok_or("too many")?;
    Ok(ProtoJson(Stock { count, ..stock.0 }))
}
