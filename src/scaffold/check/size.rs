//! Expressions of a size that no author writes: the engine's parser goes as deep as they are long, and its stack would end before they do.

use crate::error::{Place, Problem};
use crate::scaffold::manifest::Delimiters;
use crate::scaffold::render::SUFFIX;
use crate::scaffold::source::{SourceFile, Template};

/// In bytes. At twice this length the stack of a thread ends in a debug build.
pub(super) const LONGEST: usize = 16 << 10;

/// Each branch is nested in the one before.
const MOST_BRANCHES: usize = 1000;

/// Everything in a template's files that is too long to be parsed.
pub(super) fn check(template: &Template) -> Vec<Problem> {
    let rules = template.manifest.files.iter().filter_map(|rule| rule.delimiters.clone());
    let delimiters: Vec<Delimiters> = std::iter::once(Delimiters::default()).chain(rules).collect();
    let mut problems = Vec::new();
    for (part, files) in
        [("files", &template.files), ("fragments", &template.fragments), ("includes", &template.includes)]
    {
        let rendered = files.iter().filter(|file| part == "includes" || file.path.ends_with(SUFFIX));
        for (file, text) in rendered.filter_map(|file: &SourceFile| Some((file, file.text()?))) {
            if let Some(range) = delimiters.iter().find_map(|delimiters| giant(text, delimiters)) {
                let place = Place::of(&template.file(part, &file.path), text, &range);
                problems.push(Problem::new(format!("this is longer than {} KiB", LONGEST >> 10)).at(place));
            } else if text.matches("elif").count() > MOST_BRANCHES {
                let name = template.file(part, &file.path);
                problems.push(Problem::new(format!("`{name}` has more than {MOST_BRANCHES} branches (`elif`)")));
            }
        }
    }
    problems
}

/// Where the first tag stands that is too long.
pub(super) fn giant(text: &str, delimiters: &Delimiters) -> Option<std::ops::Range<usize>> {
    if text.len() <= LONGEST {
        return None;
    }
    [&delimiters.variable, &delimiters.block].into_iter().find_map(|(open, close)| {
        let mut tags = text.match_indices(open.as_str()).map(|(start, _)| start);
        // Tags do not nest, so none is looked through twice.
        let mut behind = 0;
        tags.find_map(|start| {
            if start < behind {
                return None;
            }
            behind = text[start..].find(close.as_str()).map_or(text.len(), |length| start + length);
            (behind - start > LONGEST).then_some(start..start + open.len())
        })
    })
}
