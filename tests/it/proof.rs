//! Proofs that need more than Rust: they are skipped, loudly, where something is missing, except where they are required.

use std::io::Write as _;
use std::path::PathBuf;

/// Whether a proof can run. `PRODEV_PROOF=required` makes a missing program a failure (CI does); `PRODEV_PROOF=skip`
/// leaves out what takes long. Start a test with `if !proof::can_run("what it proves", &["python3"]) { return; }`.
#[track_caller]
#[allow(dead_code, reason = "proofs come and go with the templates")]
pub(crate) fn can_run(what: &str, programs: &[&str]) -> bool {
    let wish = std::env::var("PRODEV_PROOF").unwrap_or_default();
    if wish == "skip" {
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
    assert!(
        std::env::var("PRODEV_PROOF").unwrap_or_default() != "required",
        "{what} must be proven here, but {reason}"
    );
    skipped(what, &reason)
}

/// Where a program is.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|path| path.is_file())
}

/// Straight to the terminal: the test runner would swallow what a passing test prints.
fn skipped(what: &str, reason: &str) -> bool {
    let _ = writeln!(std::io::stderr(), "SKIPPED: {what} ({reason})");
    false
}
