//! Dates as people and programs write them.

use chrono::{DateTime, Duration, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, TimeZone};

/// Reads a moment: RFC 3339; the same without an offset, which is then that of `zone`; a day; or seconds or
/// milliseconds since 1970.
pub fn read(text: &str, zone: &impl TimeZone) -> Result<DateTime<FixedOffset>, String> {
    let text = text.trim();
    if let Ok(at) = DateTime::parse_from_rfc3339(text)
        .or_else(|_| DateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S%.f %z"))
    {
        return Ok(at);
    }
    if let Ok(count) = text.parse::<f64>() {
        return since_1970(count);
    }
    const FORMS: [&str; 4] =
        ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    let day = || NaiveDate::parse_from_str(text, "%Y-%m-%d").map(|day| day.and_time(NaiveTime::MIN)).ok();
    let naive = FORMS.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).or_else(day);
    match naive {
        Some(naive) => Ok(local(naive, zone)),
        None => Err(format!(
            "\"{text}\" is no date that can be told for sure; write it as 2026-01-31T14:30:00+01:00"
        )),
    }
}

/// Seconds since 1970, or milliseconds where seconds would be millennia away.
fn since_1970(count: f64) -> Result<DateTime<FixedOffset>, String> {
    let millis = if count.abs() < 1e11 { count * 1000.0 } else { count };
    let at = DateTime::from_timestamp_millis(millis as i64).filter(|_| millis.is_finite());
    at.map(|at| at.fixed_offset()).ok_or_else(|| format!("{count} is no time since 1970"))
}

/// A local time on its own offset. One that comes twice is the first of the two; one that the clocks jump over is as
/// much later.
pub fn local(naive: NaiveDateTime, zone: &impl TimeZone) -> DateTime<FixedOffset> {
    let at = zone.from_local_datetime(&naive).earliest();
    let later = || zone.from_local_datetime(&(naive + Duration::hours(1))).earliest();
    match at.or_else(later) {
        Some(at) => at.fixed_offset(),
        None => naive.and_utc().fixed_offset(),
    }
}

/// Whether a session can have been then: not before recorders like this one, nor after tomorrow.
pub fn is_plausible(at: DateTime<FixedOffset>, now: DateTime<FixedOffset>) -> bool {
    at.timestamp() >= 946_684_800 && at <= now + Duration::days(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::{FixedOffset, LocalResult, Utc};

    fn utc(text: &str) -> String {
        read(text, &Utc).unwrap().to_utc().to_rfc3339()
    }

    #[test]
    fn every_sure_way_of_writing_a_moment_is_read() {
        assert_eq!(utc("2026-08-07T04:46:50+14:00"), "2026-08-06T14:46:50+00:00");
        assert_eq!(utc("2026-08-06T03:46:50-11:00"), "2026-08-06T14:46:50+00:00");
        assert_eq!(utc("2026-08-06T14:46:50"), "2026-08-06T14:46:50+00:00");
        assert_eq!(utc("2026-1-9 9:05"), "2026-01-09T09:05:00+00:00");
        assert_eq!(utc("2026-01-10"), "2026-01-10T00:00:00+00:00");
        assert_eq!(utc("1767952800"), "2026-01-09T10:00:00+00:00");
        assert_eq!(utc("1767952800000"), "2026-01-09T10:00:00+00:00");
        for unsure in ["10/01/2026", "yesterday", "", "1e300", "NaN"] {
            assert!(read(unsure, &Utc).is_err(), "{unsure}");
        }
    }

    /// Clocks go from +1 to +2 at 2:00 on 29 March and back at 3:00 on 25 October 2026.
    #[derive(Clone)]
    struct Summer;

    impl TimeZone for Summer {
        type Offset = FixedOffset;
        fn from_offset(_: &FixedOffset) -> Self {
            Self
        }
        fn offset_from_local_date(&self, _: &NaiveDate) -> LocalResult<FixedOffset> {
            LocalResult::None
        }
        fn offset_from_local_datetime(&self, at: &NaiveDateTime) -> LocalResult<FixedOffset> {
            let hour = |hours| FixedOffset::east_opt(hours * 3600).unwrap();
            let day = |month, day, h| {
                NaiveDate::from_ymd_opt(2026, month, day).unwrap().and_hms_opt(h, 0, 0).unwrap()
            };
            match at {
                at if (day(3, 29, 2)..day(3, 29, 3)).contains(at) => LocalResult::None,
                at if (day(10, 25, 2)..day(10, 25, 3)).contains(at) => {
                    LocalResult::Ambiguous(hour(2), hour(1))
                }
                at if (day(3, 29, 3)..day(10, 25, 2)).contains(at) => LocalResult::Single(hour(2)),
                _ => LocalResult::Single(hour(1)),
            }
        }
        fn offset_from_utc_date(&self, _: &NaiveDate) -> FixedOffset {
            FixedOffset::east_opt(3600).unwrap()
        }
        fn offset_from_utc_datetime(&self, _: &NaiveDateTime) -> FixedOffset {
            FixedOffset::east_opt(3600).unwrap()
        }
    }

    #[test]
    fn hours_that_come_twice_or_not_at_all_have_one_meaning() {
        let at = |text| read(text, &Summer).unwrap().to_rfc3339();
        assert_eq!(at("2026-10-25T02:30:00"), "2026-10-25T02:30:00+02:00");
        assert_eq!(at("2026-03-29T02:30:00"), "2026-03-29T03:30:00+02:00");
    }

    #[test]
    fn the_epoch_and_the_far_future_are_not_believed() {
        let at = |text: &str| DateTime::parse_from_rfc3339(text).unwrap();
        let now = at("2026-03-01T00:00:00Z");
        assert!(!is_plausible(at("1970-01-01T00:00:04Z"), now));
        assert!(!is_plausible(at("2099-01-01T00:00:00Z"), now));
        assert!(is_plausible(at("2026-03-01T12:00:00+14:00"), now));
    }
}
