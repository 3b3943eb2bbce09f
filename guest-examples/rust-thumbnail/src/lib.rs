//! A small PNG of a JPEG or PNG photo. Both are binary payloads.

use std::io::Cursor;

use image::{ImageError, ImageFormat, ImageReader, Limits};
use isolet_sdk::{ActivityError, ApplicationFailure, Bytes, activity};

isolet_sdk::export!(thumbnail);

/// The longer edge when the caller does not say, in pixels.
const DEFAULT_EDGE: u32 = 160;

/// The longest edge of a photo, in pixels, and the most memory that decoding it may take, in bytes: a small file can
/// claim to be a huge picture.
const MAX_EDGE: u32 = 16_384;
const MAX_MEMORY: u64 = 128 << 20;

/// The photo, so small that its longer edge has at most `edge` pixels, as PNG.
#[activity]
fn thumbnail(photo: Bytes, edge: Option<u32>) -> Result<Bytes, ActivityError> {
    let edge = edge.unwrap_or(DEFAULT_EDGE);
    if !(1..=MAX_EDGE).contains(&edge) {
        let message = format!("an edge of {edge} pixels; it has 1 to {MAX_EDGE}");
        return Err(ApplicationFailure::new(message).with_type("BadEdge").non_retryable().into());
    }
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_EDGE);
    limits.max_image_height = Some(MAX_EDGE);
    limits.max_alloc = Some(MAX_MEMORY);

    let mut reader = ImageReader::new(Cursor::new(photo.as_ref())).with_guessed_format()?;
    reader.limits(limits);
    let small = reader.decode().map_err(bad_photo)?.thumbnail(edge, edge);
    let mut png = Cursor::new(Vec::new());
    small.write_to(&mut png, ImageFormat::Png)?;
    Ok(Bytes(png.into_inner()))
}

/// The same photo is as bad at the next attempt.
fn bad_photo(error: ImageError) -> ActivityError {
    ApplicationFailure::new("the photo can't be read").with_type("BadPhoto").with_cause(error).non_retryable().into()
}

#[cfg(test)]
mod tests {
    use isolet_sdk::test::TestContext;

    use super::*;

    const ROCKET: &[u8] = include_bytes!("../data/rocket.jpg");

    fn failure(photo: &[u8], edge: Option<u32>) -> ApplicationFailure {
        match thumbnail(Bytes(photo.to_vec()), edge) {
            Err(ActivityError::Application(failure)) => *failure,
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn a_photo_becomes_a_small_png() {
        let png = thumbnail(Bytes(ROCKET.to_vec()), None).unwrap();
        let small = image::load_from_memory_with_format(&png.0, ImageFormat::Png).unwrap();
        assert_eq!((small.width(), small.height()), (160, 107));
    }

    #[test]
    fn photo_and_thumbnail_travel_as_bytes() {
        let png = TestContext::new().run::<thumbnail>(&[&Bytes(ROCKET.to_vec()), &32]).unwrap();
        assert_eq!(png.encoding(), Some("binary/plain"));
        assert!(png.data.starts_with(b"\x89PNG"));
    }

    #[test]
    fn what_is_no_photo_is_not_retried() {
        for photo in [&b"no photo"[..], &ROCKET[..100]] {
            let failure = failure(photo, None);
            assert!(failure.is_non_retryable() && failure.type_name() == "BadPhoto");
        }
        assert_eq!(failure(ROCKET, Some(0)).message(), "an edge of 0 pixels; it has 1 to 16384");
    }
}
