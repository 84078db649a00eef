//! `prodev man`: man pages, from the same source as `--help`.

use crate::error::{Exit, fail};
use crate::outcome::Outcome;

/// Print a man page
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev man | man -l -
  prodev man new > prodev-new.1")]
pub(crate) struct Args {
    /// The command that it is about; prodev as a whole without one
    command: Vec<String>,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let mut command = super::command();
    command.build();
    let mut name = "prodev".to_owned();
    for word in &args.command {
        let Some(inner) = command.find_subcommand(word).cloned() else {
            return Err(fail(format!("`{name}` has no command `{word}`"))
                .exit(Exit::Usage)
                .hint("see `prodev help`")
                .into());
        };
        command = inner;
        name = format!("{name} {word}");
    }
    let title = name.replace(' ', "-");
    let mut page = Vec::new();
    clap_mangen::Man::new(command.name(title.clone())).render(&mut page)?;
    let page = String::from_utf8_lossy(&page).into_owned();
    Ok(Outcome::answer(page.clone(), serde_json::json!({ "title": title, "page": page })))
}
