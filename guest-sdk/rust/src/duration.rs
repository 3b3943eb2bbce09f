//! Lengths of time as numbers, for `#[serde(with = "…")]`.
//!
//! Temporal's SDKs have no common form for a length of time in JSON. serde writes `{"secs":1,"nanos":500000000}`, which
//! no other language reads; Go's `time.Duration` is [`nanoseconds`], JavaScript's time [`milliseconds`], Python's
//! `timedelta.total_seconds()` and Java's Jackson [`seconds`].
//!
//! ```
//! use std::time::Duration;
//!
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Deserialize, Serialize)]
//! struct Job {
//!     #[serde(with = "isolet_sdk::duration::seconds")]
//!     patience: Duration,
//! }
//!
//! let job: Job = serde_json::from_str(r#"{"patience":1.5}"#).unwrap();
//! assert_eq!(job.patience, Duration::from_millis(1500));
//! ```

/// One form: how a length of time becomes a number, and how it is made of one.
macro_rules! form {
    ($name:ident, $type:ty, $what:literal, $to:expr, $from:expr) => {
        #[doc = $what]
        pub mod $name {
            use std::time::Duration;

            use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _, ser::Error as _};

            /// Writes the number.
            ///
            /// # Errors
            /// Those of the serializer, and when the number is too large.
            pub fn serialize<S: Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
                let number: Option<$type> = $to(duration);
                number.ok_or_else(|| S::Error::custom("the duration is too long"))?.serialize(serializer)
            }

            /// Reads the number.
            ///
            /// # Errors
            /// Those of the deserializer, and when the number is negative or too large.
            pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Duration, D::Error> {
                let number = <$type>::deserialize(deserializer)?;
                let duration: Option<Duration> = $from(number);
                duration.ok_or_else(|| D::Error::custom(format!("{number:?} is no duration")))
            }
        }
    };
}

form!(seconds, f64, "Seconds, with a fraction.", |duration: &Duration| Some(duration.as_secs_f64()), |number| {
    Duration::try_from_secs_f64(number).ok()
});
form!(
    milliseconds,
    u64,
    "Whole milliseconds; what is smaller is cut off.",
    |duration: &Duration| u64::try_from(duration.as_millis()).ok(),
    |number| Some(Duration::from_millis(number))
);
form!(nanoseconds, u64, "Nanoseconds.", |duration: &Duration| u64::try_from(duration.as_nanos()).ok(), |number| Some(
    Duration::from_nanos(number)
));

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde::{Deserialize, Serialize};

    #[derive(Debug, Deserialize, PartialEq, Serialize)]
    struct All {
        #[serde(with = "super::seconds")]
        a: Duration,
        #[serde(with = "super::milliseconds")]
        b: Duration,
        #[serde(with = "super::nanoseconds")]
        c: Duration,
    }

    #[test]
    fn each_form_is_a_number() {
        let moment = Duration::from_nanos(1_500_000_001);
        let json = serde_json::to_string(&All { a: moment, b: moment, c: moment }).unwrap();
        assert_eq!(json, r#"{"a":1.500000001,"b":1500,"c":1500000001}"#);
        let read: All = serde_json::from_str(&json).unwrap();
        assert_eq!(read, All { a: moment, b: Duration::from_millis(1500), c: moment });
    }

    #[test]
    fn what_is_no_length_of_time_is_refused() {
        for (seconds, told) in
            [("-1", "-1.0 is no duration"), ("1e300", "1e300 is no duration"), ("\"1\"", "invalid type")]
        {
            let json = format!(r#"{{"a":{seconds},"b":0,"c":0}}"#);
            let error = serde_json::from_str::<All>(&json).unwrap_err().to_string();
            assert!(error.starts_with(told), "{error}");
        }
        let long = All { a: Duration::ZERO, b: Duration::ZERO, c: Duration::MAX };
        assert_eq!(serde_json::to_string(&long).unwrap_err().to_string(), "the duration is too long");
    }
}
