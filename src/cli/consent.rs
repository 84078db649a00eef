//! Whether commands of a template may run: asked at a terminal, refused where nobody is there to answer.

use crate::ctx::Ctx;
use crate::error::{Exit, Failure, Problem, fail};
use crate::outcome::Consent;
use crate::plan::Step;

/// What to do first, where the user agrees. A dry run at a terminal asks nothing, and says that it would.
///
/// # Errors
/// Exit 4 where the user does not agree, or is not there. Nothing has been done then.
pub(super) fn ask(consent: Consent, ctx: &Ctx, dry_run: bool) -> anyhow::Result<Option<Step>> {
    let Consent { whose, commands, approval } = consent;
    let one = if commands.len() == 1 { "a command" } else { "commands" };
    if !ctx.ui.is_interactive() {
        let message = format!("`{whose}` runs {one} on this machine, and is not trusted");
        let problems = commands.iter().map(|command| Problem::new(format!("`{command}`"))).collect();
        return Err(Failure { problems, ..fail(message) }
            .hint("`--trust` runs this, `--no-tasks` leaves it out")
            .hint("to trust whoever made the template: `[trust] sources` in your own configuration")
            .exit(Exit::Refused)
            .into());
    }
    if dry_run {
        ctx.ui.note(&format!("`{whose}` runs {one} on this machine; you are asked before that is done"));
        return Ok(None);
    }
    let listed: Vec<String> = commands.iter().map(|command| format!("  {}", command.replace('\n', "\n  "))).collect();
    let text = format!("`{whose}` wants to run {one} on this machine:\n{}", listed.join("\n"));
    if ctx.ui.agree(&text, "Do you trust it?")? {
        return Ok(approval.map(Step::Memory));
    }
    Err(fail(format!("`{whose}` may not run {one}, so nothing was done"))
        .hint("`--no-tasks` does everything else")
        .exit(Exit::Refused)
        .into())
}
