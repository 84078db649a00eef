//! Everything in a template that is rendered or evaluated, as pieces of text that can be looked through.

use std::collections::HashSet;
use std::ops::Range;

use crate::scaffold::jinja::has_markup;
use crate::scaffold::manifest::{Choices, Delimiters, Literal, Migration, Option_, Rule, Task, Text};
use crate::scaffold::render::{SUFFIX, glob, names_of};
use crate::scaffold::slots::named_in;
use crate::scaffold::source::{Source, SourceFile, Template};

/// A text, and where it is from.
pub(super) struct Piece<'a> {
    /// Its file as the user would name it.
    pub(super) name: String,
    pub(super) text: String,
    pub(super) delimiters: Option<&'a Delimiters>,
    /// The names that it has beside the usual ones.
    pub(super) items: Vec<String>,
    pub(super) sort: Sort,
    /// Where it stands in `template.toml`.
    pub(super) span: Option<Range<usize>>,
    /// What comes of it is recorded or shown, so that it can have no secrets.
    pub(super) is_open: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    Manifest,
    /// A path, or the target of a link.
    Name,
    /// A file that is there whatever is selected.
    Shared,
    Other,
}

pub(super) fn of(template: &Template) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    manifest(template, &mut pieces);
    for file in &template.files {
        files(template, file, &mut pieces);
    }
    let delimiters: Vec<&Delimiters> =
        template.manifest.files.iter().filter_map(|rule| rule.delimiters.as_ref()).collect();
    let items: Vec<String> = template.manifest.files.iter().filter(|rule| rule.for_each.is_some()).map(item).collect();
    let fragments =
        template.fragments.iter().filter(|file| file.path.ends_with(SUFFIX)).map(|file| ("fragments", file));
    let includes = template.includes.iter().map(|file| ("includes", file));
    let open = open_slots(template);
    for (part, file) in fragments.chain(includes) {
        let slot = file.path.split('/').next().unwrap_or_default();
        let Some(text) = file.text() else { continue };
        // Which file it will stand in, and with whose delimiters, is not known here.
        let other = delimiters.iter().find(|delimiters| text.contains(&delimiters.block.0)).copied();
        pieces.push(Piece {
            name: template.file(part, &file.path),
            text: text.replace("\r\n", "\n"),
            delimiters: if text.contains("{%") || text.contains("{{") { None } else { other },
            items: items.clone(),
            sort: Sort::Other,
            span: None,
            is_open: part == "fragments" && open.contains(slot),
        });
    }
    pieces
}

/// The slots of files that are recorded.
fn open_slots(template: &Template) -> HashSet<&str> {
    let files = template.files.iter().filter(|file| !is_once(template, file));
    files.filter_map(|file| named_in(file.text()?)).flatten().collect()
}

fn is_once(template: &Template, file: &SourceFile) -> bool {
    rules_of(template, file).iter().rev().find_map(|rule| rule.once).unwrap_or(false)
}

/// The rules that fit a file, in their order.
pub(super) fn rules_of<'a>(template: &'a Template, file: &SourceFile) -> Vec<&'a Rule> {
    let names = names_of(&file.path);
    let fits = |text: &String| {
        let matcher = glob(text).map(|glob| glob.compile_matcher());
        matcher.is_ok_and(|matcher| names.iter().any(|name| matcher.is_match(name)))
    };
    template.manifest.files.iter().filter(|rule| rule.globs.iter().any(fits)).collect()
}

fn item(rule: &Rule) -> String {
    rule.item.clone().unwrap_or_else(|| "item".to_owned())
}

fn files<'a>(template: &'a Template, file: &'a SourceFile, pieces: &mut Vec<Piece<'a>>) {
    let manifest = &template.manifest;
    let names = names_of(&file.path);
    let fits = |text: &String| {
        let matcher = glob(text).map(|glob| glob.compile_matcher());
        matcher.is_ok_and(|matcher| names.iter().any(|name| matcher.is_match(name)))
    };
    let rules = rules_of(template, file);
    let is_open = !is_once(template, file);
    let is_verbatim = rules.iter().rev().find_map(|rule| rule.verbatim).unwrap_or(false);
    let delimiters = rules.iter().rev().find_map(|rule| rule.delimiters.as_ref());
    let items: Vec<String> =
        rules.iter().filter(|rule| rule.for_each.is_some() || rule.item.is_some()).map(|rule| item(rule)).collect();
    let has_owner = manifest.components.values().any(|component| component.files.iter().any(fits));
    let is_conditional = has_owner || rules.iter().any(|rule| rule.when.is_some());
    let sort = if is_conditional { Sort::Other } else { Sort::Shared };
    let name = template.file("files", &file.path);
    let piece = |text: &str, sort: Sort, delimiters: Option<&'a Delimiters>| Piece {
        name: name.clone(),
        text: text.replace("\r\n", "\n"),
        delimiters,
        items: items.clone(),
        sort,
        span: None,
        is_open,
    };
    if has_markup(&file.path) {
        pieces.push(piece(&file.path, Sort::Name, None));
    }
    match &file.content {
        Source::Link(target) if has_markup(target) => pieces.push(piece(target, Sort::Name, None)),
        Source::File { .. } if file.path.ends_with(SUFFIX) && !is_verbatim => {
            pieces.extend(file.text().map(|text| piece(text, sort, delimiters)));
        }
        _ => {}
    }
}

fn manifest<'a>(template: &'a Template, pieces: &mut Vec<Piece<'a>>) {
    let manifest = &template.manifest;
    let items: Vec<String> = manifest.files.iter().map(item).collect();
    let mut add = |text: &str, span: &Range<usize>, is_open: bool| {
        pieces.push(Piece {
            name: template.manifest_file.clone(),
            text: text.to_owned(),
            delimiters: None,
            items: items.clone(),
            sort: Sort::Manifest,
            span: Some(span.clone()),
            is_open,
        });
    };
    // An expression is looked at as the text that would print it.
    let mut expressions: Vec<&Text> = manifest.computed.values().collect();
    let mut texts: Vec<&Text> = [&manifest.messages.before, &manifest.messages.after].into_iter().flatten().collect();
    for rule in &manifest.files {
        expressions.extend(rule.when.iter().chain(&rule.for_each));
    }
    let deeds = manifest.tasks.iter().map(Task::deed).chain(manifest.migrations.iter().map(Migration::deed));
    for deed in deeds {
        expressions.extend(deed.when);
        texts.extend(deed.texts());
    }
    texts.extend(manifest.renames.iter().flat_map(|rename| [&rename.from, &rename.to]));
    // What comes from here on belongs to questions.
    let (open_expressions, open_texts) = (expressions.len(), texts.len());
    let mut literals: Vec<&Literal> = Vec::new();
    for question in manifest.questions.values() {
        expressions.extend(&question.when);
        texts.extend([&question.prompt, &question.help, &question.placeholder].into_iter().flatten());
        literals.extend(&question.default);
        for validator in question.validator.iter() {
            expressions.push(&validator.expr);
            texts.push(&validator.message);
        }
        match &question.choices {
            Some(Choices::Dynamic(expression)) => expressions.push(expression),
            Some(Choices::Fixed(options)) => {
                for option in options {
                    literals.push(option.value());
                    if let Option_::Full(full) = option {
                        texts.extend(&full.label);
                        expressions.extend(&full.disabled);
                    }
                }
            }
            None => {}
        }
    }
    for (at, expression) in expressions.into_iter().enumerate() {
        add(&format!("{{{{ {} }}}}", expression.text), &expression.span, at < open_expressions);
    }
    for (at, text) in texts.into_iter().enumerate().filter(|(_, text)| has_markup(&text.text)) {
        add(&text.text, &text.span, at < open_texts);
    }
    for literal in literals {
        if let Some(text) = literal.value.as_str().filter(|text| has_markup(text)) {
            add(text, &literal.span, false);
        }
    }
}

/// The parts of `text` that are inside of tags, with quoted texts blanked, so that what is left is names and operators.
fn inside(text: &str, delimiters: Option<&Delimiters>) -> String {
    let usual = Delimiters::default();
    let delimiters = delimiters.unwrap_or(&usual);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let pairs = [&delimiters.variable, &delimiters.block];
    let blank = |text: &str| " ".repeat(text.len());
    while let Some((at, (open, close))) = pairs
        .iter()
        .filter_map(|(open, close)| Some((rest.find(open.as_str())?, (open, close))))
        .min_by_key(|(at, _)| *at)
    {
        let start = at + open.len();
        let end = rest[start..].find(close.as_str()).map_or(rest.len(), |length| start + length);
        out.push_str(&blank(&rest[..start]));
        let mut quote = None;
        for c in rest[start..end].chars() {
            match (quote, c) {
                (None, '"' | '\'') => quote = Some(c),
                (Some(open), c) if open == c => quote = None,
                (None, c) if c.is_ascii() => {
                    out.push(c);
                    continue;
                }
                _ => {}
            }
            out.push_str(&" ".repeat(c.len_utf8()));
        }
        rest = &rest[end..];
    }
    out.push_str(&blank(rest));
    out
}

/// The filters that are used, and where.
pub(super) fn filters(text: &str, delimiters: Option<&Delimiters>) -> Vec<(usize, String)> {
    let inside = inside(text, delimiters);
    let mut found = Vec::new();
    for (at, _) in inside.match_indices('|') {
        let behind = &inside[at + 1..];
        let start = at + 1 + (behind.len() - behind.trim_start().len());
        let name: String = inside[start..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        if !name.is_empty() {
            found.push((start, name));
        }
    }
    found
}

/// Where a name stands first inside of a tag; in an attribute (`x.name`) it is another's.
pub(super) fn word(text: &str, name: &str, delimiters: Option<&Delimiters>) -> Option<usize> {
    let inside = inside(text, delimiters);
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
    inside
        .match_indices(name)
        .map(|(at, _)| at)
        .find(|at| !inside[..*at].ends_with(is_part) && !inside[at + name.len()..].starts_with(is_part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_found_in_tags_alone() {
        let text = "a | b {{ x | upper | join(' | no') }} {% if y|length %}|z{% endif %}ä{{ \"ä\" ~ q|trim }}";
        let names: Vec<String> = filters(text, None).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["upper", "join", "length", "trim"]);
        for (at, name) in filters(text, None) {
            assert!(text[at..].starts_with(&name), "{name} at {at}");
        }
    }

    #[test]
    fn names_are_found_where_they_are_used() {
        let text = "name {{ 'name' }} {{ my_name }} {{ name }}";
        assert_eq!(word(text, "name", None), Some(35));
    }
}
