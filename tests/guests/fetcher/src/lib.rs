//! Activities that send HTTP requests, in good and in bad ways.

mod client;
mod example;
mod send;

use isolet_sdk::{ActivityContext, ActivityError, Level, activity};

use self::{
    example::download,
    send::{Answer, Exchange, Request},
};

isolet_sdk::export!(
    client::ask,
    client::ask_all,
    client::ask_in_vain,
    client::lose_patience,
    client::read_body,
    client::send_json,
    client::send_pieces,
    download,
    fetch,
    fetch_all,
    fetch_at_the_end,
    forge,
    header_bomb,
    give_up,
    taken_parts,
);

/// Sends a request and reads the answer.
#[activity]
fn fetch(request: Request) -> Result<Answer, ActivityError> {
    Ok(Exchange::begin(&request)?.answer()?)
}

/// Sends all requests before it reads any answer. Returns what became of each.
#[activity]
fn fetch_all(requests: Vec<Request>) -> Vec<Result<Answer, String>> {
    let begun: Vec<_> = requests.iter().map(Exchange::begin).collect();
    let answers = begun.into_iter().map(|begun| begun.and_then(Exchange::answer));
    answers.map(|answer| answer.map_err(|failed| failed.to_string())).collect()
}

/// Waits until the attempt is cancelled, then sends a request, and logs what became of it.
#[activity]
fn fetch_at_the_end(context: &ActivityContext, request: Request) {
    context.wait_for_cancelled(None);
    let told = match Exchange::begin(&request).and_then(Exchange::answer) {
        Ok(answer) => format!("status {}", answer.status),
        Err(failed) => failed.to_string(),
    };
    context.log(Level::Info, told);
}

/// Tries to set a header of this name. Returns what it is told.
#[activity]
fn forge(header: String) -> String {
    send::forged(&header)
}

/// Makes a request whose first line has parts of so many bytes. Returns which of them the host took.
#[activity]
fn taken_parts(length: usize) -> Vec<&'static str> {
    send::taken_parts(length)
}

/// Makes headers until it is stopped.
#[activity]
fn header_bomb() {
    send::header_bomb();
}

/// Sends a request and drops it before there is an answer; then sends another and returns that one's status.
#[activity]
fn give_up(silent: Request, good: Request) -> Result<u16, ActivityError> {
    drop(Exchange::begin(&silent)?);
    Ok(Exchange::begin(&good)?.answer()?.status)
}
