//! Proofs that need more than Rust: they are skipped, loudly, where something is missing, except where they are required.

use std::io::Write as _;
use std::path::PathBuf;

/// Whether a proof can run. `PRODEV_PROOF=required` makes a missing program a failure (CI does); `PRODEV_PROOF=skip`
/// leaves out what takes long. Start a test with `if !proof::can_run("what it proves", &["python3"]) { return; }`.
#[track_caller]
#[allow(dead_code, reason = "proofs come and go with the templates")]
pub(crate) fn can_run(what: &str, programs: &[&str]) -> bool {
    if wish() == "skip" {
        return skipped(what, "PRODEV_PROOF=skip");
    }
    have(what, programs)
}

/// The same for a quick test: it is not skipped by `PRODEV_PROOF=skip`.
#[track_caller]
pub(crate) fn have(what: &str, programs: &[&str]) -> bool {
    let missing: Vec<&str> = programs.iter().copied().filter(|program| find(program).is_none()).collect();
    if missing.is_empty() {
        return true;
    }
    let reason = format!("not on PATH: {}", missing.join(", "));
    assert!(!required(), "{what} must be proven here, but {reason}");
    skipped(what, &reason)
}

/// Whether something can be proven that no machine has to be able to prove: compilers of other languages, others' own programs.
pub(crate) fn may(what: &str, programs: &[&str]) -> bool {
    let missing: Vec<&str> = programs.iter().copied().filter(|program| find(program).is_none()).collect();
    missing.is_empty() || skipped(what, &format!("not on PATH: {}", missing.join(", ")))
}

/// A Python of at least 3.11 that can make virtual environments, for a proof. `None` where there is none: then the test has
/// said so, and ends. Where uv is on `PATH` it is faster at making and filling them.
#[track_caller]
#[allow(dead_code, reason = "proofs come and go with the templates")]
pub(crate) fn python(what: &str) -> Option<&'static str> {
    const FITS: &str = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";
    let fits = |python: &&str| {
        let output = std::process::Command::new(python).args(["-c", FITS]).output();
        output.is_ok_and(|output| output.status.success())
    };
    let found = ["python3", "python3.13", "python3.12", "python3.11"].into_iter().find(fits);
    let program = found.unwrap_or("python3.11 or newer, with venv (Debian: python3-venv)");
    can_run(what, &[program]).then_some(program)
}

/// Whether a missing program is a failure.
pub(crate) fn required() -> bool {
    everything() || wish() == "required"
}

/// Whether those who test by numbers shall be content with some: `PRODEV_PROOF=skip`.
pub(crate) fn is_short() -> bool {
    wish() == "skip"
}

/// Whether also those proofs are wished for that take too long for every day: `PRODEV_PROOF=everything`.
pub(crate) fn everything() -> bool {
    wish() == "everything"
}

fn wish() -> String {
    std::env::var("PRODEV_PROOF").unwrap_or_default()
}

/// Where a program is.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// Straight to the terminal: the test runner would swallow what a passing test prints.
pub(crate) fn skipped(what: &str, reason: &str) -> bool {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {what} ({reason})");
    false
}
