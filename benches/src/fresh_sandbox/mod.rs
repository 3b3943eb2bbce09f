//! (a) What a fresh sandbox per attempt costs: Isolet's own path against bare wasmtime with the same engine settings.
//!
//! Both run the same guest on the same threads in slices that alternate, first one thread, then two. A thread drives
//! its attempts one after the other, so its rate is a core's.
//!
//! # Layout
//! - [`bare`], [`mod@isolet`]: the two sides.
//! - [`mod@slice`]: attempts for a while on some threads.
//! - [`languages`]: attempts of guests that bring an engine along.

mod bare;
mod isolet;
mod languages;
mod slice;

use std::time::Duration;

use self::{bare::Bare, isolet::Isolet, slice::Slice};
use crate::{
    progress,
    report::{Limit, Section, Table},
    samples::{Samples, median, ratio, short},
    sandboxes::GREET_ALONE,
    settings::Settings,
};

/// Numbers of threads that are measured.
const THREADS: [usize; 2] = [1, 2];

/// What a side came to on a number of threads.
#[derive(Debug)]
struct Figures {
    latencies: Samples,
    /// Of each round.
    p50: Vec<f64>,
    p99: Vec<f64>,
    /// Attempts per second of all threads.
    rate: Vec<f64>,
    /// Processor time of an attempt, in µs.
    cpu: Vec<f64>,
}

impl Figures {
    fn new() -> anyhow::Result<Self> {
        let (p50, p99, rate, cpu) = Default::default();
        Ok(Self { latencies: Samples::new()?, p50, p99, rate, cpu })
    }

    fn add(&mut self, slice: &Slice) -> anyhow::Result<()> {
        self.latencies.append(&slice.latencies)?;
        self.p50.push(micros(slice.latencies.p50()));
        self.p99.push(micros(slice.latencies.p99()));
        self.rate.push(slice.rate());
        self.cpu.push(slice.cpu_per_attempt());
        Ok(())
    }
}

/// Both sides on a number of threads.
#[derive(Debug)]
struct Pair {
    threads: usize,
    bare: Figures,
    isolet: Figures,
}

/// Measures all numbers of threads.
///
/// # Errors
/// When a side can't run the guest.
pub(crate) async fn measure(settings: &Settings, section: &mut Section) -> anyhow::Result<()> {
    let isolet = Isolet::open(settings).await?;
    let bare = Bare::open(settings)?;
    let sizes = settings.sizes;
    section.method.push(format!(
        "One attempt is a new store with its limiter and deadline, an instance, one call of `{}` and the drop of all, \
         in the thread that measures. Bare wasmtime has the same `Config` and pool, traps in place of the host's \
         interfaces, and no capabilities, port, accounting or conversion. {} rounds of {:?} for each side and number \
         of threads, in turns; ratios are medians over the rounds, each against the other side's neighbouring slice. \
         Each thread stays on a core.",
        GREET_ALONE.activity, sizes.sandbox_rounds, sizes.sandbox_slice
    ));
    let measured =
        tokio::task::spawn_blocking(move || rounds(&bare, &isolet, sizes.sandbox_rounds, sizes.sandbox_slice));
    report(&measured.await??, section);
    languages::measure(settings, section).await
}

fn rounds(bare: &Bare, isolet: &Isolet, rounds: usize, length: Duration) -> anyhow::Result<Vec<Pair>> {
    let mut pairs = Vec::new();
    for threads in THREADS {
        let mut pair = Pair { threads, bare: Figures::new()?, isolet: Figures::new()? };
        for round in 0..rounds {
            // Who comes first changes, so that neither always follows the other.
            let (of_bare, of_isolet);
            if round % 2 == 0 {
                of_bare = slice::run(bare, threads, length)?;
                of_isolet = slice::run(isolet, threads, length)?;
            } else {
                of_isolet = slice::run(isolet, threads, length)?;
                of_bare = slice::run(bare, threads, length)?;
            }
            let [bare_p50, isolet_p50] = [&of_bare, &of_isolet].map(|slice| short(slice.latencies.p50()));
            progress::say(format!("  threads: {threads}, round {round}: bare {bare_p50}, Isolet {isolet_p50}"));
            pair.bare.add(&of_bare)?;
            pair.isolet.add(&of_isolet)?;
        }
        pairs.push(pair);
    }
    Ok(pairs)
}

fn report(pairs: &[Pair], section: &mut Section) {
    let mut table = Table::new(&["threads", "", "attempts", "p50", "p99", "attempts/s per thread", "CPU per attempt"]);
    for Pair { threads, bare, isolet } in pairs {
        for (name, figures) in [("bare wasmtime", bare), ("Isolet", isolet)] {
            let each = ratio(median(figures.rate.clone()), threads_as_f64(*threads));
            table.row(vec![
                threads.to_string(),
                name.to_owned(),
                figures.latencies.count().to_string(),
                short(figures.latencies.p50()),
                short(figures.latencies.p99()),
                format!("{each:.0}"),
                format!("{:.1} µs", median(figures.cpu.clone())),
            ]);
        }
        let times =
            [(&isolet.p50, &bare.p50), (&isolet.p99, &bare.p99), (&isolet.rate, &bare.rate), (&isolet.cpu, &bare.cpu)]
                .map(|(isolet, bare)| format!("× {:.2}", by_rounds(isolet, bare)));
        let names = [threads.to_string(), "Isolet against bare".to_owned(), String::new()];
        table.row([names.as_slice(), &times].concat());
    }
    section.tables.push(table);
    targets(pairs, section);
}

fn targets(pairs: &[Pair], section: &mut Section) {
    let rate = |wanted: usize, of: fn(&Pair) -> &Figures| {
        pairs.iter().find(|pair| pair.threads == wanted).map_or(0.0, |pair| median(of(pair).rate.clone()))
    };
    if let Some(Pair { bare, isolet, .. }) = pairs.iter().find(|pair| pair.threads == 1) {
        section.target("p50 against bare wasmtime", Limit::AtMost(1.15, " ×"), by_rounds(&isolet.p50, &bare.p50));
        section.target("p50, Rust guest", Limit::AtMost(25.0, " µs"), micros(isolet.latencies.p50()));
    }
    let scaling = ratio(rate(2, |pair| &pair.isolet), rate(1, |pair| &pair.isolet));
    section.target("rate of two threads against one", Limit::AtLeast(1.7, " ×"), scaling);
    let bare = ratio(rate(2, |pair| &pair.bare), rate(1, |pair| &pair.bare));
    section.notes.push(format!("Two threads of bare wasmtime reach {bare:.2} × the rate of one."));
}

/// The median of the rounds' ratios.
fn by_rounds(isolet: &[f64], bare: &[f64]) -> f64 {
    median(isolet.iter().zip(bare).map(|(isolet, bare)| ratio(*isolet, *bare)).collect())
}

fn micros(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

fn threads_as_f64(threads: usize) -> f64 {
    u32::try_from(threads).map_or(f64::MAX, f64::from)
}
