//! The example of `docs/http.md`.

use isolet_sdk::{ActivityContext, ActivityError, activity};

/// Downloads a page and returns its size.
#[activity]
pub(crate) async fn download(context: &ActivityContext, url: String) -> Result<usize, ActivityError> {
    let mut page = context.http().get(url).send().await?.error_for_status()?;
    let mut size = 0;
    while let Some(piece) = page.chunk().await? {
        size += piece.len();
    }
    Ok(size)
}
