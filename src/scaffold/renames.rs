//! What a template's author says of files that have another name from some version on: `[[renames]]`, for the versions between a project's and the template's.

use super::answers::{Answers, base_names, context};
use super::components::Selection;
use super::jinja::Jinja;
use super::manifest::Rename;
use super::source::Template;
use crate::error::{Exit, Failure, Problem};
use crate::plan::path::TreePath;

/// The renames of a template, or of one that it extends, and the version of it that a project had.
pub(super) struct Due<'a> {
    pub(super) renames: &'a [Rename],
    pub(super) old: &'a str,
}

/// From where to where, in the project. What was renamed twice goes all the way.
///
/// # Errors
/// Paths that cannot be rendered, or are none.
pub(super) fn between(
    template: &Template,
    jinja: &Jinja,
    selection: &Selection,
    answers: &Answers,
    dir_name: &str,
    due: &[Due],
) -> Result<Vec<(TreePath, TreePath)>, Failure> {
    let mut names = base_names(template, selection, dir_name);
    for (name, value) in answers.stored.iter().chain(&answers.computed) {
        names.insert(name.clone(), minijinja::Value::from(minijinja::value::Serde(value)));
    }
    let context = context(&names);
    let mut problems = Vec::new();
    let mut path = |text: &super::manifest::Text| -> Option<TreePath> {
        let rendered =
            jinja.text(&text.text, &context).map_err(|wrong| problems.push(template.wrong(wrong, text))).ok()?;
        TreePath::new(&rendered)
            .map_err(|why| {
                let message = format!("the path `{}` {why}", rendered.escape_debug());
                problems.push(Problem::new(message).at(template.place(&text.span)));
            })
            .ok()
    };
    let mut renames = Vec::new();
    for Due { renames: all, old } in due {
        let Ok(old) = semver::Version::parse(old) else { continue };
        let mut wanted: Vec<(semver::Version, &Rename)> = all
            .iter()
            .filter_map(|rename| Some((semver::Version::parse(&rename.since.text).ok()?, rename)))
            .filter(|(since, _)| *since > old)
            .collect();
        wanted.sort_by(|a, b| a.0.cmp(&b.0));
        renames.extend(wanted.into_iter().filter_map(|(_, rename)| Some((path(&rename.from)?, path(&rename.to)?))));
    }
    let chained = chain(renames);
    if problems.is_empty() {
        Ok(chained)
    } else {
        Err(Failure::of("some renames do not work", problems).exit(Exit::Usage))
    }
}

/// One step for each way, however many renames there were on it.
fn chain(renames: Vec<(TreePath, TreePath)>) -> Vec<(TreePath, TreePath)> {
    let mut all: Vec<(TreePath, TreePath)> = Vec::new();
    for (from, to) in renames {
        let mut is_known = false;
        for (_, end) in &mut all {
            let moved = if *end == from {
                Some(to.clone())
            } else {
                let rest = end.as_str().strip_prefix(from.as_str()).and_then(|rest| rest.strip_prefix('/'));
                rest.and_then(|rest| TreePath::new(&format!("{to}/{rest}")).ok())
            };
            if let Some(moved) = moved {
                is_known |= *end == from;
                *end = moved;
            }
        }
        // What is a later version's new file under that name is not what had it before.
        if !is_known {
            all.push((from, to));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_renamed_twice_goes_all_the_way() {
        let path = |text: &str| TreePath::new(text).expect("a path");
        let pairs = |texts: &[(&str, &str)]| -> Vec<(TreePath, TreePath)> {
            texts.iter().map(|(from, to)| (path(from), path(to))).collect()
        };
        for (given, expected) in [
            (&[("a", "b"), ("b", "c")][..], &[("a", "c")][..]),
            (&[("a", "b"), ("x", "y")], &[("a", "b"), ("x", "y")]),
            (&[("a", "d/b"), ("d", "e")], &[("a", "e/b"), ("d", "e")]),
            (&[("a", "b"), ("b", "a")], &[("a", "a")]),
        ] {
            assert_eq!(chain(pairs(given)), pairs(expected), "{given:?}");
        }
    }
}
