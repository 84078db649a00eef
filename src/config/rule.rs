//! The rules of `prodev flow check` by name, and how much each matters unless `[flow.rules]` says otherwise.

use super::named::{Named, Names};
use super::value::Severity;

/// Severities by rule.
pub(crate) type Rules = Named<Rule, Severity>;

/// Every rule: its variant, name, severity, and what it says.
macro_rules! rules {
    ($($variant:ident, $name:literal, $severity:ident, $doc:literal;)*) => {
        /// A rule of `prodev flow check`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Rule {
            $(#[doc = $doc] $variant,)*
        }

        impl Rule {
            pub(crate) const ALL: &[Self] = &[$(Self::$variant,)*];

            pub(crate) fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// How much it matters where nobody has said.
            pub(crate) fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// What it says, in a line.
            pub(crate) fn doc(self) -> &'static str {
                match self { $(Self::$variant => $doc,)* }
            }
        }
    };
}

rules! {
    BranchName, "branch-name", Error, "A branch has the prefix of a kind, and its name the pattern of the kind";
    MessageHeader, "message-header", Error, "The first line is `type(scope): subject`";
    MessageType, "message-type", Error, "The type is one of `[flow.message] types`";
    MessageScope, "message-scope", Error, "The scope is one of `[flow.message] scopes`";
    MessageLength, "message-length", Error, "The first line is short enough";
    MessageCase, "message-case", Error, "The subject begins as `[flow.message] case` says";
    MessageFullStop, "message-full-stop", Warn, "The subject does not end with a full stop";
    MessageBlankLine, "message-blank-line", Error, "A blank line parts the first line from the body";
    MessageBody, "message-body", Error, "The body is there, and its lines are short enough";
    MessageTrailer, "message-trailer", Error, "The trailers are there, and as they must be";
    MessageSignOff, "message-sign-off", Error, "The author has signed off";
    MessageTicket, "message-ticket", Error, "A ticket is named";
    MessageFixup, "message-fixup", Error, "No `fixup!`, `squash!` or `amend!` is left";
    MessageWip, "message-wip", Error, "No work in progress is left";
    Direction, "direction", Error, "A branch is merged only into those that its kind goes to";
    DirectCommit, "direct-commit", Error, "Nobody commits directly to a protected branch";
    ForcePush, "force-push", Error, "A protected branch is not rewritten";
    BranchDeletion, "branch-deletion", Error, "A protected branch is not deleted";
    TagMoved, "tag-moved", Error, "A version tag stays where it is";
    TagName, "tag-name", Error, "A version tag is a semantic version after the prefix";
    TagOrder, "tag-order", Warn, "Versions grow along the history";
    TagPlace, "tag-place", Error, "A version tag is on the production branch, or on a support branch";
    UntaggedMerge, "untagged-merge", Error, "What was merged into production has a version tag";
    MissingBackMerge, "missing-back-merge", Error, "What is in production is in develop too";
    StaleBranch, "stale-branch", Warn, "A topic branch has had a commit within `stale_after`";
    OldBranch, "old-branch", Warn, "A topic branch is younger than `max_age`";
    Signature, "signature", Error, "What `signatures` names is signed";
    Policy, "policy", Warn, "A push that changes the policy is shown";
}

impl Names for Rule {
    const WHAT: &'static str = "a rule of `prodev flow check`";

    fn all() -> impl Iterator<Item = (&'static str, &'static str)> {
        Self::ALL.iter().map(|rule| (rule.name(), rule.doc()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_in_kebab_case() {
        let mut names: Vec<&str> = Rule::ALL.iter().map(|rule| rule.name()).collect();
        assert!(names.iter().all(|name| name.chars().all(|c| c == '-' || c.is_ascii_lowercase())));
        names.sort_unstable();
        let count = names.len();
        names.dedup();
        assert_eq!(names.len(), count);
    }
}
