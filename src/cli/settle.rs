//! How a command ends that found something, or has something to change: told, or shown and done. The only caller of `Plan::apply`.

use std::fmt::Write as _;

use super::{before, consent};
use crate::ctx::Ctx;
use crate::error::Exit;
use crate::findings::{Format, Verdict};
use crate::outcome::{Change, First, Preview};
use crate::plan::Plan;
use crate::ui::Ui;

/// Tells what was found wrong. Errors among it are the command's exit, not its failure: the findings are the answer.
pub(super) fn pronounce(verdict: &Verdict, ctx: &Ctx, json: bool) -> anyhow::Result<Exit> {
    if json || verdict.format == Format::Json {
        Ui::json(&verdict.data())?;
    } else {
        let (document, said) = verdict.told();
        Ui::answer(&document)?;
        for line in &said {
            ctx.ui.note(line);
        }
    }
    Ok(if verdict.is_good() { Exit::Done } else { Exit::Failed })
}

/// Shows a change, and unless it is a dry run does it. The report is the plan's own words, so the two cannot differ.
pub(super) fn settle(mut change: Change, ctx: &Ctx, dry_run: bool, json: bool) -> anyhow::Result<Exit> {
    if let Some(consent) = change.consent.take() {
        // What is remembered of it is no part of what has to be done together.
        Plan::new(consent::ask(consent, ctx, dry_run)?).apply(&ctx.ui)?;
    }
    let mut lines = before::lines(&change);
    if let Some(First { before, plan, again }) = change.first.take() {
        lines.extend(plan.lines());
        for line in &before {
            ctx.ui.note(line);
        }
        if !dry_run {
            plan.apply(&ctx.ui)?;
            change = again()?;
            // What ran may have brought up commands that nobody was shown.
            if let Some(consent) = change.consent.take() {
                Plan::new(consent::ask(consent, ctx, false)?).apply(&ctx.ui)?;
            }
        }
    }
    lines.extend(change.plan.lines());
    let diff = if dry_run && change.preview == Preview::Diff { change.plan.diff()? } else { String::new() };
    for line in &change.before {
        ctx.ui.note(line);
    }
    for warning in change.plan.warnings() {
        ctx.ui.warn(&warning);
    }
    if !dry_run {
        change.plan.apply(&ctx.ui)?;
        for line in &lines {
            ctx.ui.detail(&format!("{:<9} {}", line.action, line.path));
        }
    }
    if json {
        let mut report = change.json;
        report.insert("dry_run".to_owned(), dry_run.into());
        report.insert("steps".to_owned(), serde_json::to_value(&lines)?);
        if dry_run && change.preview == Preview::Diff {
            report.insert("diff".to_owned(), diff.into());
        }
        Ui::json(&report)?;
    } else if dry_run {
        let mut text = String::new();
        for line in &lines {
            let _ = writeln!(text, "{:<9} {}", line.action, line.path);
        }
        if !diff.is_empty() {
            let _ = write!(text, "\n{diff}");
        }
        Ui::answer(&text)?;
    }
    if let Some(answer) = change.answer.as_ref().filter(|_| !dry_run && !json) {
        Ui::answer(answer)?;
    }
    if dry_run {
        if let Some(said) = &change.rehearsal {
            ctx.ui.note(said);
        }
        ctx.ui.note("nothing was changed (--dry-run)");
        // The plan can be carried out: what is left to do then is the real run's verdict.
        return Ok(Exit::Done);
    }
    ctx.ui.note(&change.done);
    if let Some(after) = &change.after {
        ctx.ui.note(&format!("\n{}", after.trim_end()));
    }
    Ok(change.exit.unwrap_or(Exit::Done))
}
