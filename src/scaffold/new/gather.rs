//! What is wrong with a command line, gathered so that it is told in one run.

use crate::error::{Exit, Failure, Problem, fail};

/// Foreseen failures that wait for others.
#[derive(Debug)]
pub(super) struct Gather {
    patience: Patience,
    failures: Vec<Failure>,
}

/// When a failure is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Patience {
    /// At once: nobody should answer questions for nothing.
    None,
    /// When all of them are known: nobody is there to answer.
    Whole,
}

impl Gather {
    pub(super) fn new(patience: Patience) -> Self {
        Self { patience, failures: Vec::new() }
    }

    /// What came out; `None` where it failed and that is kept for later.
    ///
    /// # Errors
    /// What must not wait: an interruption, something unforeseen, or anything where there is no patience.
    pub(super) fn hold<T>(&mut self, result: anyhow::Result<T>) -> anyhow::Result<Option<T>> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) if self.patience == Patience::None => Err(error),
            Err(error) => {
                self.failures.push(error.downcast::<Failure>()?);
                Ok(None)
            }
        }
    }

    /// # Errors
    /// All that was held back.
    pub(super) fn settle(self) -> Result<(), Failure> {
        if self.failures.is_empty() { Ok(()) } else { Err(self.failure()) }
    }

    /// All that was held back, as one: wrong usage counts before a refusal, and that before all else.
    pub(super) fn failure(mut self) -> Failure {
        if self.failures.len() == 1 {
            return self.failures.remove(0);
        }
        let exits = [Exit::Usage, Exit::Refused];
        let exit = exits.into_iter().find(|exit| self.failures.iter().any(|failure| failure.exit == *exit));
        let mut all = fail("several things are missing or wrong").exit(exit.unwrap_or_default());
        for Failure { message, place, problems, cause, hints, .. } in self.failures {
            if problems.is_empty() {
                let message =
                    cause.map_or_else(|| message.clone(), |cause| format!("{message}: {}", cause.replace('\n', " ")));
                let hint = (!hints.is_empty()).then(|| hints.join("; "));
                all.problems.push(Problem { message, place, hint });
            } else {
                all.problems.extend(problems);
                all.hints.extend(hints);
            }
        }
        all
    }
}
