//! `--format`: the forms in which findings are told.

/// In which form findings are told.
#[derive(clap::ValueEnum, Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// As --json prints it
    Json,
    /// SARIF 2.1.0, which code scanners exchange
    Sarif,
    /// Annotations in GitHub Actions
    Github,
    /// A Code Quality report for GitLab
    Gitlab,
    /// A `JUnit` report
    Junit,
}
