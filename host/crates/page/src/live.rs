//! The page as it goes on: what is shown is rendered again now and then, and sent where it is another.
//!
//! A reader takes what is there when it is ready for it; what it does not take is not kept for it.

use std::{
    convert::Infallible,
    hash::{DefaultHasher, Hash as _, Hasher as _},
    sync::Arc,
    time::Duration,
};

use axum::{
    http::{HeaderMap, StatusCode},
    response::{IntoResponse as _, Response, Sse, sse::Event},
};
use futures_util::stream;
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::{Instant, Interval, MissedTickBehavior, interval},
};
use web::Patience;

use crate::router::{Look, Page};

/// How many readers there may be: others are to find a place, too, such as those who ask for health.
const READERS: usize = 16;

/// How often it is looked.
const PERIOD: Duration = Duration::from_secs(2);

/// How long one reader is told; then its browser asks anew, and whether it may is looked at again.
const LONGEST: Duration = Duration::from_secs(10 * 60);

/// Places for readers.
#[derive(Clone, Debug)]
pub(crate) struct Readers(Arc<Semaphore>);

impl Default for Readers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(READERS)))
    }
}

/// What one reader is told.
struct Telling {
    page: Arc<Page>,
    look: Look,
    /// What it showed as it came.
    headers: HeaderMap,
    ticks: Interval,
    end: Instant,
    last: Option<u64>,
    is_over: bool,
    _place: OwnedSemaphorePermit,
}

impl Readers {
    /// Tells a reader of what there is to see of `look`.
    pub(crate) fn tell(&self, page: Arc<Page>, look: Look, headers: HeaderMap, patience: &Patience) -> Response {
        let Ok(place) = Arc::clone(&self.0).try_acquire_owned() else {
            let words = "there are as many readers as there may be; reload the page to see news";
            return web::text(StatusCode::SERVICE_UNAVAILABLE, words);
        };
        patience.extend(LONGEST + PERIOD);
        let mut ticks = interval(PERIOD);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let end = Instant::now() + LONGEST;
        let telling = Telling { page, look, headers, ticks, end, last: None, is_over: false, _place: place };
        Sse::new(stream::unfold(telling, Telling::next)).into_response()
    }
}

impl Telling {
    /// What is told next: what there is to see, that it is over, or nothing new.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        if self.is_over || self.end <= Instant::now() {
            return None;
        }
        self.ticks.tick().await;
        // It may have logged out, or the token may be another one.
        if !self.page.access.allows(&self.headers).await {
            return None;
        }
        let (content, is_last) = self.page.content(&self.look).await;
        let content = content.into_string();
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        let hash = hasher.finish();
        let event = match self.last == Some(hash) {
            true if is_last => {
                self.is_over = true;
                Event::default().event("over").data("over")
            }
            // So that it is noticed when the reader has gone.
            true => Event::default().comment(""),
            false => Event::default().event("content").data(content),
        };
        self.last = Some(hash);
        Some((Ok(event), self))
    }
}
