//! What each merge of a finish would come to, before any is made.

use super::Request;
use super::look::Look;
use crate::config::kind::Strategy;
use crate::error::Problem;
use crate::flow::see::Seen;
use crate::git::{Forecast, Forecaster};
use crate::plan::process::quoted;

/// A merge that does not come out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Clash {
    /// These paths conflict with those of the target.
    Conflict { into: String, paths: Vec<String> },
    /// The target has moved, and shall only follow.
    Moved { into: String },
}

impl Look {
    /// The merges that do not come out, in order. What comes after a conflict that is wanted is not looked at.
    ///
    /// # Errors
    /// Where Git cannot tell.
    pub(crate) fn clashes(
        &self,
        seen: &Seen,
        request: &Request,
        forecaster: &mut Forecaster,
    ) -> anyhow::Result<Vec<Clash>> {
        let mut found = Vec::new();
        // What goes on to the next target: the branch, or the merge of it.
        let mut carried = self.tip;
        // Whether that is in the repository; what was only foretold is known to the forecaster alone.
        let mut is_real = true;
        if !self.edits.is_empty() {
            let files: Vec<(&str, &str)> =
                self.edits.iter().map(|edit| (edit.path.as_str(), edit.new.as_str())).collect();
            (carried, is_real) = (forecaster.edit(self.tip, &files)?, false);
        }
        for (number, target) in self.targets.iter().enumerate().filter(|(_, target)| !target.by_request) {
            let (base, into) = (target.base(), target.name.clone());
            if let Some(follows) = target.follows {
                (carried, is_real) = (follows, true);
                continue;
            }
            let into_tip =
                if is_real { seen.contains(carried, base)? } else { number == 0 && seen.contains(self.tip, base)? };
            if request.strategy == Strategy::FfOnly && number == 0 && !into_tip {
                found.push(Clash::Moved { into });
                continue;
            }
            if into_tip || (is_real && seen.contains(base, carried)?) {
                // Nothing to bring together: what comes out is one of the two.
                continue;
            }
            let is_rebased = number == 0 && request.strategy == Strategy::Rebase;
            let forecast =
                if is_rebased { forecaster.rebase(base, carried)? } else { forecaster.merge(base, carried)? };
            match forecast {
                Forecast::Clean(tree) => {
                    if number == 0 && self.targets.len() > 1 {
                        (carried, is_real) = (forecaster.commit(tree, [base, carried])?, false);
                    }
                }
                Forecast::Conflict(_) if request.resolve => break,
                Forecast::Conflict(paths) => found.push(Clash::Conflict { into, paths }),
            }
        }
        Ok(found)
    }
}

impl Clash {
    /// What it is, and what to do about it.
    pub(crate) fn problem(&self, seen: &Seen, request: &Request) -> anyhow::Result<Problem> {
        let branch = &request.branch;
        let shown = quoted(branch);
        Ok(match self {
            Self::Moved { into } => Problem::new(format!("`{into}` has moved since `{branch}` left it"))
                .hint(format!("bring it in with `git merge {}`, or finish with `--rebase`", quoted(into))),
            Self::Conflict { into, paths } => {
                let paths: Vec<String> = paths.iter().take(6).map(|path| format!("`{path}`")).collect();
                let hint = if request.kind.tag {
                    format!("go into the conflict with `prodev flow finish {shown} --resolve`")
                } else if seen.parent(branch)?.is_some_and(|parent| parent.name == *into) {
                    format!("bring `{into}` in and resolve it there: `prodev flow update {shown}`")
                } else {
                    let merge = format!("git switch {shown} && git merge {}", quoted(into));
                    format!("bring `{into}` in and resolve it there: `{merge}`")
                };
                Problem::new(format!("`{branch}` and `{into}` conflict in {}", paths.join(", "))).hint(hint)
            }
        })
    }
}
