//! Quantities as they are written and printed, in cases and for all values.

use proptest::prelude::*;

use super::*;

#[test]
fn sizes_are_read_as_people_write_them() {
    let read = |text: &str| text.parse::<ByteSize>().map(|size| size.0);
    assert_eq!(read("64MiB"), Ok(64 << 20));
    assert_eq!(read("64 mib"), Ok(64 << 20));
    assert_eq!(read("1.5GiB"), Ok(3 << 29));
    assert_eq!(read("500kB"), Ok(500_000));
    assert_eq!(read("17"), Ok(17));
    for wrong in ["", "MiB", "64MiBs", "-1", "1..5MiB", "99999999TiB", "1e9", "1e30", "5.", ".", "nonsense"] {
        assert!(read(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn sizes_are_printed_as_they_are_read() {
    for text in ["64MiB", "1536MiB", "2GiB", "16KiB", "1000B", "0B"] {
        assert_eq!(text.parse::<ByteSize>().unwrap().to_string(), text);
    }
}

#[test]
fn durations_need_a_unit_and_an_end() {
    assert_eq!("1m 30s".parse(), Ok(Span::secs(90)));
    assert!("30".parse::<Span>().is_err());
    assert_eq!(
        "500000000000years".parse::<Span>().unwrap_err(),
        "\"500000000000years\" is too long: a duration is at most 100years"
    );
    assert!("99999999999999999999years".parse::<Span>().is_err());
}

#[test]
fn counts_are_whole_numbers() {
    assert_eq!("100".parse(), Ok(Count(100)));
    for wrong in ["-1", "1.5", "1e30", "", "many", "18446744073709551616"] {
        assert_eq!(wrong.parse::<Count>(), Err(format!("{wrong:?} is not a whole number, such as 100")));
    }
}

proptest! {
    #[test]
    fn what_is_printed_is_read_as_the_same(number in any::<u64>(), shift in 0..64_u32) {
        // Small numbers and whole units too, which are rare among all.
        for number in [number, number >> shift, number >> shift << (shift / 10 * 10)] {
            prop_assert_eq!(Count(number).to_string().parse(), Ok(Count(number)));
            prop_assert_eq!(ByteSize(number).to_string().parse(), Ok(ByteSize(number)));
        }
    }

    #[test]
    fn a_duration_is_read_as_it_is_printed_or_too_long(seconds in any::<u64>(), shift in 0..64_u32, nanos in 0..1_000_000_000_u32) {
        let span = Span(Duration::new(seconds >> shift, nanos));
        match span.to_string().parse::<Span>() {
            Ok(read) => prop_assert!(read == span && span <= Span::LONGEST),
            Err(problem) => prop_assert!(Span::LONGEST < span && problem.contains("100years"), "{}", problem),
        }
    }

    #[test]
    fn nothing_that_is_written_is_too_much_for_the_parsers(text in "[0-9.eE+-]{0,60}( ?[a-zA-Zµ]{0,8})?") {
        let _ = text.parse::<Count>();
        let _ = text.parse::<ByteSize>();
        let later = text.parse::<Span>().map(|span| std::time::Instant::now().checked_add(span.0));
        prop_assert!(later != Ok(None));
    }
}
