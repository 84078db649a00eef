//! Recipes through the real binary: what they take, what they run, in which order, and how they end.

mod arguments;
mod engines;
mod exports;
mod guards;
mod history;
mod importing;
mod imports;
mod injection;
mod keys;
mod languages;
mod layers;
mod linting;
mod listing;
mod looks;
mod more;
mod order;
mod output;
mod stopping;
mod tree;
mod watching;

use crate::sandbox::Run;

/// What a run says, whatever time it took.
trait Says {
    #[track_caller]
    fn says(self, stderr: &str) -> Self;
}

impl Says for Run<'_> {
    fn says(self, stderr: &str) -> Self {
        let times = regex::Regex::new(r"\d+(\.\d s| ms)").unwrap();
        assert_eq!(times.replace_all(&self.stderr, "TIME"), stderr, "{self}");
        self
    }
}
