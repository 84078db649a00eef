//! `completions`: a script that teaches a shell to complete the command line.

use std::io::Write;
use std::process::ExitCode;

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::Cli;

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The shell to print completions for
    shell: Shell,
}

pub(crate) fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    // Into memory first: the generator panics where writing fails.
    let mut script = Vec::new();
    clap_complete::generate(
        args.shell,
        &mut Cli::command(),
        env!("CARGO_BIN_NAME"),
        &mut script,
    );
    out.write_all(&script)?;
    Ok(ExitCode::SUCCESS)
}
