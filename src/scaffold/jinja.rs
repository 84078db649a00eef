//! MiniJinja as templates use it: strict, bounded, and with errors that point at the line.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Kwargs, Rest};
use minijinja::{Environment, Error, ErrorKind, State, UndefinedBehavior, Value};

use super::filters::{self, FILTERS, FUNCTIONS};
use super::manifest::{Delimiters, Text};
use crate::error::{Place, Problem, nearest};

/// How many instructions one rendering may take; an honest template takes thousands, an endless loop is found in a second.
/// It buys memory too, some dozens of bytes each.
const FUEL: u64 = 5_000_000;

/// What a name that is not defined may have meant: all names that expressions see.
pub(super) type Names = BTreeMap<String, Value>;

/// Renders texts and evaluates expressions.
pub(super) struct Jinja {
    env: Environment<'static>,
    /// One for each set of delimiters beside Jinja's own.
    others: HashMap<Delimiters, Environment<'static>>,
    includes: Arc<HashMap<String, String>>,
    folder: String,
    asked_for_now: Arc<AtomicBool>,
}

/// The parts of an engine that a template or a run gives.
pub(super) struct Parts {
    /// Partial files by name.
    pub(super) includes: Arc<HashMap<String, String>>,
    /// Where these lie, as the user would name it.
    pub(super) folder: String,
    /// The instant of creation.
    pub(super) now: jiff::Timestamp,
}

impl Jinja {
    /// # Errors
    /// Delimiters that cannot be told apart.
    pub(super) fn new<'a>(
        parts: &Parts,
        delimiters: impl IntoIterator<Item = &'a Delimiters>,
    ) -> Result<Self, Problem> {
        let asked_for_now = Arc::new(AtomicBool::new(false));
        let env = environment(parts, &Delimiters::default(), &asked_for_now)?;
        let mut others = HashMap::new();
        for delimiters in delimiters {
            others.insert(delimiters.clone(), environment(parts, delimiters, &asked_for_now)?);
        }
        Ok(Self { env, others, includes: Arc::clone(&parts.includes), folder: parts.folder.clone(), asked_for_now })
    }

    /// Adds a function to all environments.
    pub(super) fn add_function<F>(&mut self, name: &'static str, function: F)
    where
        F: Fn(&mut State, &[Value], &Kwargs) -> Result<Value, Error> + Clone + Send + Sync + 'static,
    {
        for env in self.others.values_mut().chain([&mut self.env]) {
            let function = function.clone();
            env.add_function(name, move |state: &mut State, arguments: Rest<Value>, options: Kwargs| {
                function(state, &arguments, &options)
            });
        }
    }

    /// Whether a template asked for the instant of creation, so that it must be kept.
    pub(super) fn asked_for_now(&self) -> bool {
        self.asked_for_now.load(Ordering::Relaxed)
    }

    /// Renders `source`, the text of the file `name`.
    ///
    /// # Errors
    /// What is wrong, with its place in `name` (or in an included file).
    pub(super) fn render(
        &self,
        name: &str,
        source: &str,
        delimiters: Option<&Delimiters>,
        context: &Value,
    ) -> Result<String, Problem> {
        let env = delimiters.and_then(|delimiters| self.others.get(delimiters)).unwrap_or(&self.env);
        env.render_named_str(name, source, context.clone())
            .map_err(|error| self.explain(&error, env, (name, source), context))
    }

    /// The names that the text of the file `name` takes from outside, nested ones (`components.cache`) in full. Nothing is rendered.
    ///
    /// # Errors
    /// What cannot be parsed, with its place.
    pub(super) fn outside_of(
        &self,
        name: &str,
        source: &str,
        delimiters: Option<&Delimiters>,
    ) -> Result<HashSet<String>, Problem> {
        let env = delimiters.and_then(|delimiters| self.others.get(delimiters)).unwrap_or(&self.env);
        match env.template_from_named_str(name, source) {
            Ok(template) => Ok(template.undeclared_variables(true)),
            Err(error) => Err(self.explain(&error, env, (name, source), &Value::UNDEFINED)),
        }
    }

    /// Whether there is a filter of this name.
    pub(super) fn has_filter(&self, name: &str) -> bool {
        let tried = self.env.compile_expression(&format!("0|{name}")).and_then(|expression| expression.eval(()));
        !matches!(tried, Err(error) if error.kind() == ErrorKind::UnknownFilter)
    }

    /// Evaluates an expression.
    pub(super) fn evaluate(&self, expression: &str, context: &Value) -> Result<Value, Wrong> {
        let wrong = |error: Error| Wrong::new(&error, expression, &self.names_in(expression), context);
        let value = self.env.compile_expression(expression).map_err(wrong)?.eval(context.clone()).map_err(wrong)?;
        // A name alone is looked up without complaint, and a misspelt one would be false, silently. (`'x' if y` may be nothing.)
        let is_path = |c: char| c.is_alphanumeric() || "_.[]'\"-".contains(c);
        if value.is_undefined() && expression.trim().chars().all(is_path) {
            return Err(wrong(ErrorKind::UndefinedError.into()));
        }
        match filters::size(&value, filters::LARGEST) {
            Some(_) => Ok(value),
            None => Err(wrong(Error::new(ErrorKind::InvalidOperation, "this value is far too large"))),
        }
    }

    /// The names that an expression takes from outside; none where it is no expression.
    pub(super) fn names_in(&self, expression: &str) -> HashSet<String> {
        self.env.compile_expression(expression).map(|compiled| compiled.undeclared_variables(false)).unwrap_or_default()
    }

    /// Renders a text of `template.toml`.
    pub(super) fn text(&self, text: &str, context: &Value) -> Result<String, Wrong> {
        if !has_markup(text) {
            return Ok(text.to_owned());
        }
        self.env
            .render_named_str("text", text, context.clone())
            .map_err(|error| Wrong::new(&error, text, &outside(&self.env, text), context))
    }

    fn explain(&self, error: &Error, env: &Environment, (name, source): (&str, &str), context: &Value) -> Problem {
        // An include or a fragment that fails wraps what went wrong in it.
        let mut error = error;
        while let Some(inner) = std::error::Error::source(error).and_then(|inner| inner.downcast_ref::<Error>()) {
            error = inner;
        }
        let file = error.name().unwrap_or(name);
        let text = if file == name { source } else { error.template_source().unwrap_or(source) };
        let range = error.range().unwrap_or_else(|| {
            let line = error.line().unwrap_or(1).saturating_sub(1);
            let start = text.split_inclusive('\n').take(line).map(str::len).sum::<usize>();
            start..start
        });
        let range = blamed(error, text, range, &outside(env, text), context);
        let at = text.get(range.clone()).unwrap_or_default();
        let file = if self.includes.contains_key(file) { format!("{}/{file}", self.folder) } else { file.to_owned() };
        Problem {
            message: message(error, at),
            hint: suggestion(error, at, context),
            place: Some(Place::of(&file, text, &range)),
        }
    }
}

/// Whether there is anything to render.
pub(super) fn has_markup(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}

/// The expression, where `text` is nothing but `{{ expression }}`.
pub(super) fn lone_expression(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    (!inner.contains("{{") && !inner.contains("}}") && !inner.contains("{%"))
        .then_some(inner.trim_matches(['-', '+']).trim())
}

fn environment(
    parts: &Parts,
    delimiters: &Delimiters,
    asked: &Arc<AtomicBool>,
) -> Result<Environment<'static>, Problem> {
    let mut env = Environment::new();
    let syntax = SyntaxConfig::builder()
        .variable_delimiters(delimiters.variable.0.clone(), delimiters.variable.1.clone())
        .block_delimiters(delimiters.block.0.clone(), delimiters.block.1.clone())
        .comment_delimiters(delimiters.comment.0.clone(), delimiters.comment.1.clone())
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build()
        .map_err(|error| Problem::new(format!("these delimiters do not work: {error}")))?;
    env.set_syntax(syntax);
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    env.set_debug(true);
    env.set_fuel(Some(FUEL));
    filters::add_to(&mut env);
    let includes = Arc::clone(&parts.includes);
    env.set_loader(move |name| Ok(includes.get(name).cloned()));
    let (now, asked) = (parts.now, Arc::clone(asked));
    env.add_function("now", move |options: Rest<String>, named: Kwargs| {
        asked.store(true, Ordering::Relaxed);
        let format: Option<String> = named.get("format")?;
        named.assert_all_used()?;
        let format = format.or_else(|| options.first().cloned()).unwrap_or_else(|| "%Y-%m-%d".to_owned());
        jiff::fmt::strtime::format(&format, now)
            .map_err(|error| Error::new(ErrorKind::InvalidOperation, format!("`{format}` is no date format: {error}")))
    });
    Ok(env)
}

/// What is wrong with an expression or a text, without its place in a file.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) message: String,
    pub(super) hint: Option<String>,
    /// Bytes of the expression.
    range: std::ops::Range<usize>,
    /// Whether it is nothing but a name that is not there (yet).
    pub(super) undefined: bool,
}

impl Wrong {
    fn new(error: &Error, source: &str, outside: &HashSet<String>, context: &Value) -> Self {
        let range = error.range().filter(|range| range.end <= source.len()).unwrap_or(0..source.len());
        let range = blamed(error, source, range, outside, context);
        let at = source.get(range.clone()).unwrap_or_default();
        Self {
            message: message(error, at),
            hint: suggestion(error, at, context),
            range,
            undefined: error.kind() == ErrorKind::UndefinedError,
        }
    }

    /// The same as a problem at its place in `file`, whose text is `source` and where the expression stands at `text`.
    pub(super) fn at(self, file: &str, source: &str, text: &Text) -> Problem {
        let span = if text.span.is_empty() { 0..source.len() } else { text.span.clone() };
        let quoted = source.get(span.clone()).unwrap_or_default();
        // Where the string has no escapes, the expression's own range can be shown; otherwise the whole string.
        let range = match quoted.find(text.text.as_str()).filter(|_| !text.text.is_empty()) {
            Some(offset) => {
                let start = span.start + offset;
                start + self.range.start..start + self.range.end
            }
            None => text.span.clone(),
        };
        Problem { message: self.message, hint: self.hint, place: Some(Place::of(file, source, &range)) }
    }
}

/// The names that a template takes from outside.
fn outside(env: &Environment, source: &str) -> HashSet<String> {
    env.template_from_str(source).map(|template| template.undeclared_variables(false)).unwrap_or_default()
}

/// The name that is not there: `nmae`, where MiniJinja points at the filter in `nmae | upper`, or at all of `a == nmae`.
fn blamed(
    error: &Error,
    source: &str,
    range: Range<usize>,
    outside: &HashSet<String>,
    context: &Value,
) -> Range<usize> {
    let is_missing = |name: &str| {
        outside.contains(name)
            && !FUNCTIONS.contains(&name)
            && context.get_attr(name).is_ok_and(|value| value.is_undefined())
    };
    let at = source.get(range.clone()).unwrap_or_default();
    let first = word(at);
    if error.kind() != ErrorKind::UndefinedError || (is_missing(first) && at.trim() == first) {
        return range;
    }
    let line = source[..range.start].rfind('\n').map_or(0, |at| at + 1);
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = None;
    let mut start = line;
    for part in source[line..range.end].split_inclusive(|c: char| !is_part(c)) {
        let name = part.trim_end_matches(|c: char| !is_part(c));
        if !source[..start].ends_with('.') && is_missing(name) {
            found = Some(start..start + name.len());
        }
        start += part.len();
    }
    found.unwrap_or(range)
}

fn message(error: &Error, at: &str) -> String {
    let detail = error.detail().unwrap_or_default().replace('\n', " ");
    match error.kind() {
        ErrorKind::UndefinedError if !at.is_empty() && at.len() < 80 => format!("`{at}` is undefined"),
        ErrorKind::OutOfFuel => "this template takes too long: is there an endless loop in it?".to_owned(),
        ErrorKind::TemplateNotFound => {
            format!("there is no `includes/{}`", detail.split(['"', '\'']).nth(1).unwrap_or_default())
        }
        ErrorKind::UnknownFilter if !word(at).is_empty() => format!("there is no filter `{}`", word(at)),
        ErrorKind::UnknownTest if !word(at).is_empty() => format!("there is no test `{}`", word(at)),
        ErrorKind::UnknownFunction if !word(at).is_empty() => format!("there is no function `{}`", word(at)),
        kind if detail.is_empty() => kind.to_string(),
        _ => detail,
    }
}

/// The name that a text begins with.
fn word(text: &str) -> &str {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

fn suggestion(error: &Error, at: &str, context: &Value) -> Option<String> {
    let found = match error.kind() {
        ErrorKind::UndefinedError => return near_name(at, context).map(|name| format!("did you mean `{name}`?")),
        ErrorKind::UnknownFilter => nearest(word(at), FILTERS.iter().copied()),
        ErrorKind::UnknownFunction => nearest(word(at), FUNCTIONS.iter().copied()),
        _ => None,
    };
    found.map(|name| format!("did you mean `{name}`?"))
}

/// The name in scope that `at`, such as `projcet_name` or `components.celry`, resembles.
fn near_name(at: &str, context: &Value) -> Option<String> {
    let keys = |value: &Value| -> Vec<String> {
        value
            .try_iter()
            .map(|keys| keys.map(|key| key.to_string()).filter(|key| !key.starts_with('_')).collect())
            .unwrap_or_default()
    };
    let first = word(at);
    let rest = at.trim().strip_prefix(first).unwrap_or_default();
    match context.get_attr(first).ok().filter(|value| !value.is_undefined()) {
        None => {
            let mut known = keys(context);
            known.extend(FUNCTIONS.iter().map(|name| (*name).to_owned()));
            nearest(first, known.iter().map(String::as_str)).map(ToOwned::to_owned)
        }
        Some(inner) => {
            let given = rest.trim_start_matches(['.', '[', '\'', '"']).trim_end_matches([']', '\'', '"']);
            let known = keys(&inner);
            nearest(given, known.iter().map(String::as_str))
                .map(|name| if name.contains('-') { format!("{first}['{name}']") } else { format!("{first}.{name}") })
        }
    }
}

#[cfg(test)]
mod tests {
    use minijinja::value::Serde;

    use super::*;

    fn jinja() -> Jinja {
        let includes = Arc::new(HashMap::from([
            ("macros".to_owned(), "{% macro hi(name) %}hi {{ name }}{% endmacro %}".to_owned()),
            ("broken".to_owned(), "fine\n{{ nobody }}\n".to_owned()),
        ]));
        let brackets = Delimiters { variable: ("[[".to_owned(), "]]".to_owned()), ..Delimiters::default() };
        Jinja::new(&Parts { includes, folder: "includes".to_owned(), now: jiff::Timestamp::UNIX_EPOCH }, [&brackets])
            .expect("an engine")
    }

    fn context() -> Value {
        Value::from(Serde(
            &serde_json::json!({ "project_name": "Shop", "components": { "auth-jwt": true, "cache": false } }),
        ))
    }

    fn complaint(source: &str) -> String {
        let problem = jinja().render("a.txt", source, None, &context()).expect_err("this is wrong");
        let place = problem.place.map(|place| format!("{place} ")).unwrap_or_default();
        format!("{place}{}{}", problem.message, problem.hint.map(|hint| format!("; {hint}")).unwrap_or_default())
    }

    #[test]
    fn undefined_names_are_errors_with_a_place() {
        assert_eq!(
            complaint("x\n  {{ projct_name }}\n"),
            "a.txt:2:6 `projct_name` is undefined; did you mean `project_name`?"
        );
        assert_eq!(
            complaint("{% if components.cahe %}{% endif %}"),
            "a.txt:1:7 `components.cahe` is undefined; did you mean `components.cache`?"
        );
        assert_eq!(
            complaint("{{ components['auth-jtw'] }}"),
            "a.txt:1:4 `components['auth-jtw']` is undefined; did you mean `components['auth-jwt']`?"
        );
    }

    #[test]
    fn other_errors_have_a_place_too() {
        assert_eq!(
            complaint("a\n{{ project_name | slugfy }}"),
            "a.txt:2:19 there is no filter `slugfy`; did you mean `slugify`?"
        );
        assert!(complaint("{% if x %}").starts_with("a.txt:1:"));
        assert_eq!(complaint("{% include 'broken' %}"), "includes/broken:2:4 `nobody` is undefined");
        assert!(complaint("{% include '../secret' %}").contains("includes/"));
        assert!(
            complaint("{% for a in range(10000) %}{% for b in range(10000) %}{{ a }}{% endfor %}{% endfor %}")
                .contains("endless")
        );
        assert!(complaint("{{ fail('no luck') }}").ends_with("no luck"));
    }

    #[test]
    fn macros_and_other_delimiters_work() {
        let brackets = Delimiters { variable: ("[[".to_owned(), "]]".to_owned()), ..Delimiters::default() };
        let rendered = jinja().render("a", "${{ x }} [[ project_name ]]\n", Some(&brackets), &context());
        assert_eq!(rendered.ok().as_deref(), Some("${{ x }} Shop\n"));
        let rendered = jinja().render("a", "{% from 'macros' import hi %}\n{{ hi('you') }}", None, &context());
        assert_eq!(rendered.ok().as_deref(), Some("hi you"));
    }

    #[test]
    fn now_is_the_instant_of_creation() {
        let jinja = jinja();
        assert!(!jinja.asked_for_now());
        assert_eq!(
            jinja.render("a", "{{ now('%Y') }} {{ now(format='%d.%m.') }}", None, &context()).ok().as_deref(),
            Some("1970 01.01.")
        );
        assert!(jinja.asked_for_now());
    }

    #[test]
    fn a_lone_expression_is_told_from_text() {
        assert_eq!(lone_expression("{{ a == 'b' }}"), Some("a == 'b'"));
        assert_eq!(lone_expression("{{ a }}-{{ b }}"), None);
        assert_eq!(lone_expression("x {{ a }}"), None);
    }
}
