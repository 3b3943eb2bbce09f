//! Shares as areas, one upon the other.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::words::shown;
use crate::history::{OTHERS, PERIOD, SAMPLES, Shares};

/// The size of a plot, in its own units.
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 120.0;

/// How many shares have a colour of their own.
const COLOURS: usize = 6;

/// What is plotted.
pub(super) struct Plot<'a> {
    pub title: &'a str,
    /// How a value is told.
    pub told: fn(f64) -> String,
    /// The least height of the plot, so that little does not look like much.
    pub least: f64,
}

impl Plot<'_> {
    /// The areas of `samples`, the oldest of which is first, and what they are.
    pub(super) fn of(&self, samples: &[&Shares]) -> Markup {
        let names = names(samples);
        let total = |shares: &&Shares| shares.values().sum::<f64>();
        let now = samples.last().map(total).unwrap_or_default();
        let highest = samples.iter().map(total).fold(0.0, f64::max);
        let scale = nice(highest.max(self.least));
        let minutes = SAMPLES * usize::try_from(PERIOD.as_secs()).unwrap_or_default() / 60;
        let told =
            format!("{}: {} now, at most {} in {minutes} minutes", self.title, (self.told)(now), (self.told)(highest));
        html! {
            figure {
                figcaption { strong { (self.title) } " " span class="now" { ((self.told)(now)) } }
                svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } preserveAspectRatio="none" role="img" aria-label=(told) {
                    line class="grid" x1="0" x2=(WIDTH) y1=(HEIGHT / 2.0) y2=(HEIGHT / 2.0) {}
                    @for (index, points) in areas(samples, &names, scale).into_iter().enumerate().rev() {
                        polygon class={ "share s" (index) } points=(points) {}
                    }
                }
                p class="scale" { span { (minutes) " min ago" } span { "top: " ((self.told)(scale)) } span { "now" } }
                ul class="legend" {
                    @for (index, name) in names.iter().enumerate() {
                        li { span class={ "key s" (index) } {} (shown(name)) " " span class="now" {
                            ((self.told)(samples.last().map(|shares| value(shares, name, &names)).unwrap_or_default()))
                        } }
                    }
                }
            }
        }
    }
}

/// Whose shares are told apart: those that were the largest.
fn names(samples: &[&Shares]) -> Vec<String> {
    let all: BTreeSet<&String> = samples.iter().flat_map(|shares| shares.keys()).collect();
    let largest =
        |name: &str| samples.iter().filter_map(|shares| shares.get(name)).fold(0.0, |one, other| f64::max(one, *other));
    let mut all: Vec<(f64, &String)> =
        all.into_iter().filter(|name| *name != OTHERS).map(|name| (largest(name), name)).collect();
    all.sort_by(|(one, _), (other, _)| other.total_cmp(one));
    let has_others = COLOURS - 1 < all.len() || samples.iter().any(|shares| shares.contains_key(OTHERS));
    let mut names: Vec<String> = all.into_iter().take(COLOURS - 1).map(|(_, name)| name.clone()).collect();
    if has_others {
        names.push(OTHERS.to_owned());
    }
    names
}

/// The share of one, or of all that are not told apart.
fn value(shares: &Shares, name: &str, names: &[String]) -> f64 {
    match name {
        OTHERS => {
            shares.iter().filter(|(name, _)| *name == OTHERS || !names.contains(name)).map(|(_, share)| share).sum()
        }
        name => shares.get(name).copied().unwrap_or_default(),
    }
}

/// The corners of each area; each reaches down to the bottom, so the first one is painted last.
fn areas(samples: &[&Shares], names: &[String], scale: f64) -> Vec<String> {
    let most = f64::from(u32::try_from(SAMPLES - 1).unwrap_or(1));
    let missing = SAMPLES.saturating_sub(samples.len());
    let x = |index: usize| WIDTH * f64::from(u32::try_from(missing + index).unwrap_or_default()) / most;
    let mut heights = vec![0.0; samples.len()];
    let mut areas = Vec::new();
    for name in names {
        for (height, shares) in heights.iter_mut().zip(samples) {
            *height += value(shares, name, names);
        }
        let top = heights
            .iter()
            .enumerate()
            .map(|(index, height)| format!("{:.1},{:.1}", x(index), HEIGHT - HEIGHT * (height / scale).min(1.0)));
        let last = samples.len().saturating_sub(1);
        let corners = [format!("{:.1},{HEIGHT}", x(last)), format!("{:.1},{HEIGHT}", x(0))];
        areas.push(top.chain(corners).collect::<Vec<_>>().join(" "));
    }
    areas
}

/// The next number that is easily read: 1, 2 or 5 times a power of ten.
fn nice(value: f64) -> f64 {
    let magnitude = 10_f64.powf(value.max(1e-9).log10().floor());
    let steps = [1.0, 2.0, 5.0, 10.0].map(|step| step * magnitude);
    // Not to be disturbed by how numbers are rounded.
    steps.into_iter().find(|step| value <= step * (1.0 + 1e-9)).unwrap_or(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_easily_read() {
        let scales: Vec<f64> = [0.3, 1.0, 1.1, 4.9, 7.0, 120.0].map(nice).into_iter().collect();
        let expected = [0.5, 1.0, 2.0, 5.0, 10.0, 200.0];
        assert!(scales.iter().zip(expected).all(|(one, other)| (one - other).abs() < 1e-9), "{scales:?}");
    }

    #[test]
    fn areas_lie_one_upon_the_other() {
        let shares = Shares::from([("a".to_owned(), 1.0), ("b".to_owned(), 3.0)]);
        let names = names(&[&shares, &shares]);
        assert_eq!(names, ["b", "a"]);
        let areas = areas(&[&shares, &shares], &names, 4.0);
        assert!(areas[0].starts_with("595.0,30.0 600.0,30.0 600.0,120 595.0,120"), "{areas:?}");
        assert!(areas[1].starts_with("595.0,0.0 600.0,0.0"), "{areas:?}");
    }

    #[test]
    fn many_shares_have_few_colours() {
        let shares: Shares = (0..20_u32).map(|number| (format!("t{number:02}"), f64::from(number))).collect();
        let names = names(&[&shares]);
        assert_eq!((names.len(), names[0].as_str(), names[COLOURS - 1].as_str()), (COLOURS, "t19", OTHERS));
        let all: f64 = names.iter().map(|name| value(&shares, name, &names)).sum();
        assert!((all - 190.0).abs() < 1e-9);
    }
}
