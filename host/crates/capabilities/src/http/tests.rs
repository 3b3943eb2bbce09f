//! What is refused before the network hears of it, and how it is counted.

use std::{pin::Pin, time::Duration};

use activity::{Grants, HttpHost, HttpScheme, HttpUsage, Origin, OriginHost};

use super::*;
use crate::Signals;

/// What an attempt hears that asks for this URL, and how its requests are counted then.
async fn ask(is_attempt: bool, time: Duration, url: &str) -> (String, HttpUsage) {
    let host = OriginHost::Only(HttpHost::Name("a.example".to_owned()));
    let grants = Grants { http: vec![Origin::new(HttpScheme::Http, host, 80).into()], ..Grants::default() };
    let mut info = Info::default();
    info.deadline = info.started_time.checked_add(time);
    let (_, port) = activity::attempt();
    let policy = Arc::new(Policy::granting(grants));
    let outlet = Arc::new(Outlet::unread(port.events, Arc::clone(&policy)));
    let own = Own { info: Arc::new(info), identity: BTreeMap::new() };
    let leave = Leave::new(is_attempt, &own.info, Arc::new(Signals::new(false)));
    let mut ctx = HttpCtx::new(policy, own, leave, Arc::clone(&outlet));
    let request = http::Request::get(url).body(WasiBody::default()).unwrap();
    let answer = ctx.sender.send_request(request, None, Box::new(std::future::ready(Ok(()))));
    let told = Pin::from(answer).await.map_or_else(|error| error.to_string(), |_| "sent".to_owned());
    (told, outlet.http_usage())
}

#[tokio::test]
async fn what_may_not_be_sent_is_refused_and_counted() {
    let hour = Duration::from_secs(3600);
    let refused = HttpUsage { refused: 1, ..HttpUsage::default() };
    for (is_attempt, time, url, text) in [
        (true, hour, "http://b.example/", "does not cover http://b.example"),
        (true, Duration::ZERO, "http://a.example/", "the attempt's time is over"),
        (false, hour, "http://a.example/", "there is no attempt"),
    ] {
        let (told, usage) = ask(is_attempt, time, url).await;
        assert!(told.contains(text), "{told}");
        assert_eq!(usage, refused, "{url}");
    }
}

#[test]
fn a_guest_may_be_more_impatient_than_its_limits_and_not_less() {
    let limits = HttpLimits::default();
    let asked = |timeout: Duration| {
        let all = Some(timeout);
        let options = RequestOptions { connect_timeout: all, first_byte_timeout: all, between_bytes_timeout: all };
        timeouts(limits, options)
    };
    let most =
        Timeouts { connect: limits.connect_timeout, response: limits.response_timeout, read: limits.read_timeout };
    let second = Duration::from_secs(1);
    assert_eq!(timeouts(limits, RequestOptions::default()), most);
    assert_eq!(asked(Duration::MAX), most);
    assert_eq!(asked(second), Timeouts { connect: second, response: second, read: second });
}

#[test]
fn requests_are_counted_by_what_became_of_them() {
    let counts = RequestCounts::default();
    for _ in 0..4 {
        counts.began();
    }
    counts.ended(&Ok(()));
    counts.ended::<()>(&Err(Error::ConnectionRefused));
    counts.ended::<()>(&Err(in_words("too much".to_owned())));
    assert_eq!(counts.usage(), HttpUsage { answered: 1, failed: 1, refused: 1, abandoned: 1 });
}
