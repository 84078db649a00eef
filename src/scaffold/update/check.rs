//! `prodev update --check`: whether there is something new, in a form that scripts can ask.

use std::time::Duration;

use serde_json::json;

use super::{Args, allowed, selection};
use crate::ctx::Ctx;
use crate::error::{Exit, Failure, fail};
use crate::outcome::{Answer, Outcome, object};
use crate::scaffold::contribution;
use crate::scaffold::renew::{self, At, Subject, Wish, is_newer};
use crate::scaffold::source::Age;

/// Whoever asks often is not to wait for a network each time.
const RECENT: Duration = Duration::from_mins(10);

pub(super) fn run(args: &Args, ctx: &Ctx) -> anyhow::Result<Outcome> {
    let told = look(args, ctx);
    let (subject, is_new) = told.map_err(|error| match error.downcast::<Failure>() {
        // Whoever asks wants to tell "no" from "nobody knows".
        Ok(failure) => failure.exit(Exit::Usage),
        Err(error) => fail("it cannot be told whether there is an update")
            .cause(format!("{error:#}"))
            .hint("is the template where it was?")
            .exit(Exit::Usage),
    })?;
    let version = subject.template.manifest.template.version.to_string();
    let text = match (is_new, version == subject.old_version()) {
        (false, _) => format!("{} is the newest\n", subject.old_name()),
        (true, true) => format!("{} changed without a new version\n", subject.old_name()),
        (true, false) => format!("{} -> {version}\n", subject.old_name()),
    };
    Ok(Outcome::Answer(Answer {
        text,
        json: object(json!({
            "template": { "name": subject.recorded.state.template.name, "source": subject.recorded.state.template.source },
            "from": subject.old_version(),
            "to": version,
            "update": is_new,
            "changelog": if is_new { subject.changelog() } else { None },
        })),
        exit: is_new.then_some(Exit::Failed),
    }))
}

/// Another version is another template; of the same one the files are compared.
fn look(args: &Args, ctx: &Ctx) -> anyhow::Result<(Subject, bool)> {
    let at = At::Now { reference: args.reference.as_deref(), pre: args.pre, age: Age::Within(RECENT) };
    let subject = renew::open(ctx, args.template.as_deref(), at)?;
    if is_newer(subject.old_version(), &subject.template.manifest.template.version.to_string())
        && !subject.template.is_builtin()
    {
        // A way back is no update, unless somebody names it.
        return Ok((subject, args.reference.is_some()));
    }
    allowed(&subject, args, ctx)?;
    if subject.template.manifest.template.version.to_string() != subject.old_version() {
        return Ok((subject, true));
    }
    let selection = selection(&subject, args)?;
    let (_, rendering) = subject.render(ctx, &selection, &Wish { defaults: true, ..Wish::default() })?;
    let base = &subject.recorded.base;
    let kept = rendering.files.iter().filter(|file| !file.once);
    let is_same = contribution::is_settled(&subject.recorded.contributions, &rendering.contributions)
        && kept.clone().count() == base.len()
        && kept.into_iter().all(|file| base.get(&file.path).is_some_and(|based| based.content == file.content));
    Ok((subject, !is_same))
}
