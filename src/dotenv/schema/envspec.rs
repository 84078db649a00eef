//! `.env.schema`: declarations in comments, as varlock reads them. A named part of it is understood; what computes values is never run.
//!
//! Understood: the root decorators `@defaultRequired` and `@defaultSensitive`; of an item `@required`, `@optional`, `@sensitive`, `@public`, `@type`,
//! `@example`, `@deprecated`; all types but plugins' own. What only steers varlock is passed over; what brings in other files is refused.

use std::ops::Range;

use super::files::{File, Wrong};
use super::kinds::set_type;
use crate::config::environment::{Deprecated, EnvironmentVariable};
use crate::config::value::{Expression, Scalar};

/// Decorators that say nothing about a value.
const PASSED_OVER: [&str; 22] = [
    "docs",
    "docsUrl",
    "icon",
    "tag",
    "placeholder",
    "dynamic",
    "static",
    "internal",
    "auditIgnore",
    "proxy",
    "cache",
    "currentEnv",
    "envFlag",
    "redactLogs",
    "preventLeaks",
    "encryptInjectedEnv",
    "disableProcessEnvInjection",
    "auditIgnorePaths",
    "proxyConfig",
    "defaultDynamic",
    "generateTypes",
    "version",
];

/// Decorators that bring in what is not in this file.
const REFUSED: [&str; 5] = ["import", "plugin", "setValuesBulk", "disable", "initOp"];

/// How an item is where its comments do not say.
#[derive(Debug, Clone, Default)]
struct Defaults {
    required: Required,
    /// Names that begin so are no secrets; all are where there is none.
    public_prefix: Option<String>,
    is_public: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Required {
    #[default]
    Yes,
    No,
    /// Where the schema gives it a value.
    Infer,
}

/// `@name`, `@name=value` or `@name(value)`.
#[derive(Debug, PartialEq)]
struct Decorator<'a> {
    name: &'a str,
    value: Option<&'a str>,
    span: Range<usize>,
}

/// The declarations of a file.
///
/// # Errors
/// Everything in it that is not understood and would change what is declared.
pub(super) fn read(source: &str) -> Result<File, Vec<Wrong>> {
    let mut reader = Reader { source, defaults: Defaults::default(), file: File::default(), wrong: Vec::new() };
    reader.run();
    if reader.wrong.is_empty() { Ok(reader.file) } else { Err(reader.wrong) }
}

struct Reader<'a> {
    source: &'a str,
    defaults: Defaults,
    file: File,
    wrong: Vec<Wrong>,
}

impl<'a> Reader<'a> {
    fn run(&mut self) {
        let mut at = 0;
        let mut comments: Vec<(Range<usize>, &'a str)> = Vec::new();
        let mut is_header = true;
        while at < self.source.len() {
            let end = self.source[at..].find('\n').map_or(self.source.len(), |length| at + length + 1);
            let line = &self.source[at..end];
            let text = line.trim();
            if text.is_empty() || is_divider(text) {
                if is_header && !comments.is_empty() {
                    self.header(&std::mem::take(&mut comments));
                    is_header = false;
                }
                comments.clear();
                at = end;
            } else if let Some(comment) = text.strip_prefix('#') {
                comments.push((at..end, comment.trim()));
                at = end;
            } else {
                is_header = false;
                at = self.item(at, end, &std::mem::take(&mut comments));
            }
        }
        if is_header && !comments.is_empty() {
            self.header(&comments);
        }
    }

    fn complain(&mut self, span: Range<usize>, message: impl Into<String>) {
        self.wrong.push(Wrong { span, message: message.into() });
    }

    fn header(&mut self, comments: &[(Range<usize>, &'a str)]) {
        for one in all_decorators(comments) {
            match (one.name, one.value.map(str::trim)) {
                ("defaultRequired", Some("infer")) => self.defaults.required = Required::Infer,
                ("defaultRequired", value) => {
                    self.defaults.required = if is_true(value) { Required::Yes } else { Required::No };
                }
                ("defaultSensitive", Some(value)) if value.starts_with("inferFromPrefix(") => {
                    self.defaults.public_prefix = arguments(value).into_iter().next().map(|(_, prefix)| prefix);
                }
                ("defaultSensitive", value) => self.defaults.is_public = !is_true(value),
                (name, _) if REFUSED.contains(&name) => self.complain(one.span, not_followed(name)),
                (name, _) if PASSED_OVER.contains(&name) || name.starts_with("generate") => {}
                ("required" | "optional" | "sensitive" | "public" | "type" | "example" | "deprecated", _) => {
                    self.complain(one.span, format!("`@{}` belongs to a variable, and stands in the header", one.name));
                }
                (name, _) => self.complain(one.span, format!("there is no decorator `@{name}`")),
            }
        }
    }

    /// An item from `start`, whose first line ends at `end`; gives where to go on.
    fn item(&mut self, start: usize, end: usize, comments: &[(Range<usize>, &'a str)]) -> usize {
        let line = &self.source[start..end];
        let text = line.trim_start();
        let text = text.strip_prefix("export ").unwrap_or(text);
        let key_at = end - text.len();
        let Some((key, _)) =
            text.split_once('=').map(|(key, value)| (key.trim_end(), value)).filter(|(key, _)| is_key(key))
        else {
            self.complain(start..end, "this is no assignment");
            return end;
        };
        let value_at = key_at + text.find('=').unwrap_or_default() + 1;
        let (value, behind) = value(self.source, value_at);
        let end = self.source[behind..].find('\n').map_or(self.source.len(), |length| behind + length + 1);
        let mut comments = comments.to_vec();
        if let Some((_, comment)) = self.source[behind..end].split_once('#') {
            comments.push((behind..end, comment.trim()));
        }
        let span = key_at..key_at + key.len();
        match self.declaration(key, value, &comments) {
            Ok(variable) => {
                self.file.vars.insert(key.to_owned(), variable);
                self.file.places.insert(key.to_owned(), span);
            }
            Err(wrong) => self.wrong.extend(wrong),
        }
        end
    }

    fn declaration(
        &self,
        key: &str,
        value: Value,
        comments: &[(Range<usize>, &'a str)],
    ) -> Result<EnvironmentVariable, Vec<Wrong>> {
        let mut wrong = Vec::new();
        let doc: Vec<&str> =
            comments.iter().map(|(_, text)| *text).filter(|text| !text.starts_with('@') && !text.is_empty()).collect();
        let is_computed = matches!(value, Value::Computed);
        let default = match value {
            Value::Static(text) if !text.is_empty() => Some(text),
            _ => None,
        };
        let is_public = self.defaults.is_public
            || self.defaults.public_prefix.as_ref().is_some_and(|prefix| key.starts_with(prefix));
        let mut variable = EnvironmentVariable {
            doc: (!doc.is_empty()).then(|| doc.join("\n")),
            secret: !is_public,
            required: match self.defaults.required {
                Required::Yes => true,
                Required::No => false,
                Required::Infer => default.is_some(),
            },
            default: default.map(Scalar::Text),
            ..EnvironmentVariable::default()
        };
        for one in all_decorators(comments) {
            match (one.name, one.value.map(str::trim)) {
                ("required", value) => require(&mut variable, value),
                ("optional", value) => variable.required = !is_true(value),
                ("sensitive", value) => variable.secret = is_true(value),
                ("public", value) => variable.secret = !is_true(value),
                ("example", Some(value)) => variable.example = Some(Scalar::Text(unquoted(value).to_owned())),
                ("deprecated", Some(value)) if !matches!(value, "true" | "false") => {
                    variable.deprecated = Some(Deprecated::Instead(unquoted(value).to_owned()));
                }
                ("deprecated", value) => variable.deprecated = Some(Deprecated::Plain(is_true(value))),
                ("type", Some(value)) => {
                    if let Err(message) = set_type(&mut variable, value) {
                        wrong.push(Wrong { span: one.span, message });
                    }
                }
                (name, _) if REFUSED.contains(&name) => {
                    wrong.push(Wrong { span: one.span, message: not_followed(name) });
                }
                ("defaultRequired" | "defaultSensitive", _) => {
                    let message = format!("`@{}` belongs into the header, above a line `# ---`", one.name);
                    wrong.push(Wrong { span: one.span, message });
                }
                (name, _) if PASSED_OVER.contains(&name) || name == "example" => {}
                (name, _) => wrong.push(Wrong { span: one.span, message: format!("there is no decorator `@{name}`") }),
            }
        }
        let says = |name: &str| all_decorators(comments).into_iter().find(|one| one.name == name);
        if let Some(one) = says("required").and(says("optional")) {
            wrong.push(Wrong { span: one.span, message: "`@optional` and `@required` cannot both be".to_owned() });
        }
        // What varlock would compute nobody can ask for here.
        if is_computed {
            variable.required = false;
            variable.when = None;
        }
        if wrong.is_empty() { Ok(variable) } else { Err(wrong) }
    }
}

fn not_followed(name: &str) -> String {
    format!("`@{name}` brings in what is not in this file, and is not followed")
}

fn is_true(value: Option<&str>) -> bool {
    value != Some("false")
}

/// `@required=forEnv(production, staging)` asks for the profile; other conditions are varlock's to judge.
fn require(variable: &mut EnvironmentVariable, value: Option<&str>) {
    variable.required = !matches!(value, Some("false"));
    if let Some(call) = value.filter(|value| value.contains('(')) {
        variable.required = false;
        if call.starts_with("forEnv(") {
            let names: Vec<String> = arguments(call).into_iter().map(|(_, name)| format!("{name:?}")).collect();
            variable.when =
                serde_json::from_value::<Expression>(format!("profile in [{}]", names.join(", ")).into()).ok();
        }
    }
}

/// The arguments of `name(a, b=c, "d e")`.
pub(super) fn arguments(call: &str) -> Vec<(Option<String>, String)> {
    let Some(inside) = call.split_once('(').and_then(|(_, rest)| rest.rsplit_once(')')).map(|(inside, _)| inside)
    else {
        return Vec::new();
    };
    let mut parts = Vec::new();
    let (mut quote, mut depth, mut start) = (None, 0_usize, 0);
    for (at, found) in inside.char_indices() {
        match (quote, found) {
            (None, '"' | '\'' | '`') => quote = Some(found),
            (Some(open), found) if open == found => quote = None,
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(&inside[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&inside[start..]);
    let parts = parts.into_iter().map(str::trim).filter(|part| !part.is_empty());
    let named = parts.map(|part| match part.split_once('=') {
        Some((name, value)) if name.chars().all(|c| c.is_ascii_alphanumeric()) => {
            (Some(name.to_owned()), unquoted(value.trim()).to_owned())
        }
        _ => (None, unquoted(part).to_owned()),
    });
    named.collect()
}

pub(super) fn unquoted(text: &str) -> &str {
    let of = |quote: char| text.strip_prefix(quote).and_then(|inner| inner.strip_suffix(quote));
    of('"').or_else(|| of('\'')).or_else(|| of('`')).unwrap_or(text)
}

/// The decorators of all comments that begin with one.
fn all_decorators<'a>(comments: &[(Range<usize>, &'a str)]) -> Vec<Decorator<'a>> {
    let lines = comments.iter().filter(|(_, text)| text.starts_with('@'));
    lines.flat_map(|(span, text)| decorators(text, span)).collect()
}

/// The decorators of a comment that begins with one. Text behind them ends them.
fn decorators<'a>(text: &'a str, span: &Range<usize>) -> Vec<Decorator<'a>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(inside) = rest.trim_start().strip_prefix('@') {
        let length = inside.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(inside.len());
        let (name, behind) = inside.split_at(length);
        let value_length = match behind.chars().next() {
            Some('=') => 1 + word(&behind[1..]),
            Some('(') => word(behind),
            _ => 0,
        };
        let value =
            (value_length > 0).then(|| behind[..value_length].strip_prefix('=').unwrap_or(&behind[..value_length]));
        found.push(Decorator { name, value, span: span.clone() });
        rest = &behind[value_length..];
    }
    found
}

/// How long a value is that ends at a blank outside of quotes and parentheses.
fn word(text: &str) -> usize {
    let (mut quote, mut depth) = (None, 0_usize);
    for (at, found) in text.char_indices() {
        match (quote, found) {
            (None, '"' | '\'' | '`') => quote = Some(found),
            (Some(open), found) if open == found => quote = None,
            (None, '(' | '[') => depth += 1,
            (None, ')' | ']') => depth = depth.saturating_sub(1),
            (None, found) if depth == 0 && found.is_whitespace() => return at,
            _ => {}
        }
    }
    text.len()
}

/// What stands behind a `=`.
enum Value {
    /// A text in which a `$` refers to another variable, and `$$` is a dollar.
    Static(String),
    /// By a function or a program.
    Computed,
}

/// The value that begins at `at`, and where what follows it begins.
fn value(source: &str, at: usize) -> (Value, usize) {
    let line_end = source[at..].find('\n').map_or(source.len(), |length| at + length);
    let start = at + source[at..line_end].len() - source[at..line_end].trim_start().len();
    let rest = &source[start..];
    for quote in ["\"\"\"", "\"", "'", "`"] {
        let Some(inside) = rest.strip_prefix(quote) else { continue };
        let Some(length) = closing(inside, quote) else { break };
        let text = &inside[..length];
        let behind = start + quote.len() * 2 + length;
        let text = match quote {
            "'" => text.replace('$', "$$"),
            _ if text.contains("$(") => return (Value::Computed, behind),
            _ => text.replace("\\n", "\n").replace("\\\"", "\"").replace("\\$", "$$"),
        };
        return (Value::Static(text), behind);
    }
    let line = &source[start..line_end];
    let is_call = line.split_once('(').is_some_and(|(name, _)| {
        name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(|c| c.is_ascii_alphanumeric())
    });
    if is_call {
        let length = word(line);
        let inner = arguments(&line[..length]);
        // The one function that only names another variable.
        let value = match inner.as_slice() {
            [(None, name)] if line.starts_with("ref(") => Value::Static(format!("${{{name}}}")),
            _ => Value::Computed,
        };
        return (value, start + length);
    }
    let text = line.split('#').next().unwrap_or_default();
    let behind = start + text.len();
    if text.contains("$(") { (Value::Computed, behind) } else { (Value::Static(text.trim().to_owned()), behind) }
}

fn closing(inside: &str, quote: &str) -> Option<usize> {
    let mut from = 0;
    loop {
        let at = from + inside[from..].find(quote)?;
        let slashes = inside[..at].bytes().rev().take_while(|byte| *byte == b'\\').count();
        if quote == "'" || slashes % 2 == 0 {
            return Some(at);
        }
        from = at + 1;
    }
}

fn is_key(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
}

fn is_divider(text: &str) -> bool {
    let rest = text.trim_start_matches('#').trim();
    text.starts_with('#') && rest.len() >= 3 && rest.bytes().all(|byte| matches!(byte, b'-' | b'=' | b'*' | b'#'))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_text_is_read_or_refused_with_its_places(
            pieces in prop::collection::vec(prop::sample::select(vec![
                "A", "b", "é", "=", "=", " ", "\n", "\n", "\r\n", "#", "# ", "# ---\n", "@", "@type", "@required", "@optional", "@defaultRequired",
                "string", "enum", "url", "number", "(", ")", "[", "]", ",", "matches", "min", "startsWith", "allowedDomains", "\"", "'", "`", "\"\"\"",
                "$", "${", "}", "$(", "ref(", "forEnv(", "\\", "export ", "\u{feff}", "1", "(?", "*",
            ]), 0..30),
        ) {
            let source = pieces.concat();
            match read(&source) {
                Ok(file) => for (name, span) in &file.places {
                    prop_assert_eq!(source.get(span.clone()), Some(name.as_str()));
                },
                Err(wrong) => for one in wrong {
                    prop_assert!(source.get(one.span.clone()).is_some(), "{:?} of {:?}", one.span, source);
                },
            }
        }
    }
}
