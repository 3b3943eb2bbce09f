//! `isolet build --check`: what a build would complain of, and what the code needs, without making a component.

use std::{fmt::Write as _, path::Path, time::Instant};

use activity::shown;
use anyhow::anyhow;
use serde_json::json;

use crate::{
    commands::inspect,
    exit::{CommandResult, Exit, Problem},
    languages::{self, Checked},
    output::{self, Format},
};

/// Tells what a check found, and fails if there is something to mend.
pub(super) fn report(
    format: Format,
    project: &Path,
    checked: &Checked,
    warnings: &[String],
    begun: Instant,
) -> CommandResult {
    for warning in warnings {
        output::note(format_args!("warning: {warning}"));
    }
    let seconds = begun.elapsed().as_secs_f64();
    match format {
        Format::Human => output::print(&page(checked)),
        Format::Json => output::json(&json!({
            "modules": checked.modules,
            "activities": checked.activities,
            "problems": checked.problems,
            "grants": checked.grants,
            "warnings": warnings,
            "seconds": seconds,
        })),
    }
    let project = languages::shown(project);
    if checked.problems.is_empty() {
        output::note(format_args!(
            "checked {project} in {seconds:.1} s: nothing is wrong with it, as far as its text tells"
        ));
        return Ok(Exit::Completed);
    }
    Err(Problem::new(Exit::Usage, anyhow!("{project} has {}", problems(checked))))
}

/// All problems, each with its cure below it.
fn problems(checked: &Checked) -> String {
    let count = checked.problems.len();
    let mut text = format!("{count} problem{}", if count == 1 { "" } else { "s" });
    for each in &checked.problems {
        let rule = if each.rule.is_empty() { String::new() } else { format!(" ({})", each.rule) };
        // Writing to a string never fails.
        let _ = write!(text, "\n{}:{}: {}{rule}", each.file, each.line, each.message);
        if !each.cure.is_empty() {
            let _ = write!(text, "\n  cure: {}", each.cure);
        }
    }
    text
}

/// What there is, and what it needs.
fn page(checked: &Checked) -> String {
    let mut lines = inspect::list("activities", checked.activities.iter().map(|name| shown::name(name).into_owned()));
    lines.extend(inspect::list("modules", checked.modules.iter().cloned()));
    let grants = checked.grants.iter().map(|each| {
        format!("{}, because {} ({}:{}): such as {}", each.grant, each.what, each.file, each.line, each.option)
    });
    lines.extend(inspect::list("grants", grants));
    lines.push(String::new());
    lines.join("\n")
}
