//! `man`: the manual, made from the same source as `--help`.

use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context;
use clap::CommandFactory;

use crate::cli::Cli;

#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// Write one page per command into this folder instead of printing the main page
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(crate) fn run(args: &Args, out: &mut impl Write) -> anyhow::Result<ExitCode> {
    let command = Cli::command();
    if let Some(folder) = &args.out {
        fs::create_dir_all(folder)
            .and_then(|()| clap_mangen::generate_to(command, folder))
            .with_context(|| format!("could not write man pages to `{}`", folder.display()))?;
    } else {
        clap_mangen::Man::new(command).render(out)?;
    }
    Ok(ExitCode::SUCCESS)
}
