//! Whether commands of a template may run: asked at a terminal, refused where nobody is there to answer.

use crate::ctx::Ctx;
use crate::error::{Exit, Failure, Problem, fail};
use crate::outcome::Consent;
use crate::plan::Step;

/// What to do first, where the user agrees. A dry run runs nothing, so it asks nothing: it shows the commands, and says that they would be asked about.
///
/// # Errors
/// Exit 4 where the user does not agree, or is not there. Nothing has been done then.
pub(super) fn ask(consent: Consent, ctx: &Ctx, dry_run: bool) -> anyhow::Result<Vec<Step>> {
    let Consent { whose, commands, approvals, hint } = consent;
    let one = if commands.len() == 1 { "a command" } else { "commands" };
    let listed: Vec<String> = commands.iter().map(|command| format!("  {}", command.replace('\n', "\n  "))).collect();
    let listed = listed.join("\n");
    if dry_run {
        let ask = if ctx.ui.is_interactive() { "you are asked before that is done" } else { "that needs `--trust`" };
        ctx.ui.note(&format!("{whose} runs {one} on this machine; {ask}:\n{listed}"));
        return Ok(Vec::new());
    }
    if !ctx.ui.is_interactive() {
        let message = format!("{whose} runs {one} on this machine, and is not trusted");
        let problems = commands.iter().map(|command| Problem::new(format!("`{command}`"))).collect();
        let failure = Failure { problems, ..fail(message) }.hint("`--trust` runs this, `--no-tasks` leaves it out");
        return Err(hint.into_iter().fold(failure, Failure::hint).exit(Exit::Refused).into());
    }
    let text = format!("{whose} wants to run {one} on this machine:\n{listed}");
    if ctx.ui.agree(&text, "Do you trust it?")? {
        return Ok(approvals.into_iter().map(Step::Memory).collect());
    }
    Err(fail(format!("{whose} may not run {one}, so nothing was done"))
        .hint("`--no-tasks` does everything else")
        .exit(Exit::Refused)
        .into())
}
