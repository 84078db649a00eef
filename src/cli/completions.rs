//! `prodev completions`: the script that asks the binary itself for completions, values included.

use clap_complete::env::Shells;

use crate::error::{Exit, fail};
use crate::outcome::Outcome;

/// The variable through which a shell asks the binary.
pub(super) const VARIABLE: &str = "COMPLETE";

/// Print the completion script for a shell
///
/// The script asks `prodev` itself for every completion, so that values (templates, components, questions) are completed too.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:
  prodev completions bash > ~/.local/share/bash-completion/completions/prodev
  prodev completions zsh > ~/.zfunc/_prodev
  prodev completions fish > ~/.config/fish/completions/prodev.fish
  prodev completions powershell >> $PROFILE
  prodev completions elvish >> ~/.config/elvish/rc.elv")]
pub(crate) struct Args {
    /// The shell to make it for
    shell: Shell,
}

#[derive(clap::ValueEnum, Clone, Copy, Debug)]
enum Shell {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Elvish,
}

pub(super) fn run(args: &Args) -> anyhow::Result<Outcome> {
    let name = match args.shell {
        Shell::Bash => "bash",
        Shell::Zsh => "zsh",
        Shell::Fish => "fish",
        Shell::Powershell => "powershell",
        Shell::Elvish => "elvish",
    };
    let shells = Shells::builtins();
    let completer = shells
        .completer(name)
        .ok_or_else(|| fail(format!("there are no completions for `{name}`")).exit(Exit::Usage))?;
    let mut script = Vec::new();
    completer.write_registration(VARIABLE, "prodev", "prodev", "prodev", &mut script)?;
    let script = String::from_utf8_lossy(&script).into_owned();
    let script = if name == "zsh" { zsh_autoloads(&script) } else { script };
    Ok(Outcome::answer(script.clone(), serde_json::json!({ "shell": name, "script": script })))
}

/// zsh runs a file of its `fpath` as the completing function. As generated, the first run would only define what the
/// next one does, and the first press of Tab would do nothing.
fn zsh_autoloads(script: &str) -> String {
    let (functions, register) = script.rsplit_once("compdef ").unwrap_or((script, ""));
    let function = register.split_whitespace().next().unwrap_or_default();
    format!(
        "{functions}if [[ $funcstack[1] == _prodev ]]; then\n    {function} \"$@\"\nelse\n    compdef {}\nfi\n",
        register.trim_end()
    )
}

/// Where a shell asks for completions, answers it and ends the process.
pub(super) fn answer_the_shell() {
    clap_complete::CompleteEnv::with_factory(super::command).var(VARIABLE).complete();
}
