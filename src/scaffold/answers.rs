//! From what was given and what is asked to one answer per question, with all that is wrong or missing told in one run.

mod ask;
mod choice;
mod given;
mod surroundings;

use std::collections::HashSet;

use indexmap::IndexMap;
use minijinja::Value;
use minijinja::value::Serde;
use serde_json::Value as Json;

pub(super) use given::{AnswerFile, Given, Record, Secrets, parse_set, read_file};
pub(super) use surroundings::{author, project_files};

use self::choice::{Choice, choose, reason_of};
use super::components::Selection;
use super::jinja::{Jinja, Names, has_markup, lone_expression};
use super::manifest::{Choices, FullOption, Kind, Literal, Option_, Question, Text};
use super::source::Template;
use super::values;
use crate::config::user::Author;
use crate::error::{Exit, Failure, Problem, listed};
use crate::ui::Ui;

/// All answers, and what follows from them.
#[derive(Debug, Clone, Default)]
pub(super) struct Answers {
    /// What is stored, in the order of the questions.
    pub(super) stored: IndexMap<String, Json>,
    /// What must never be stored.
    pub(super) secrets: IndexMap<String, Json>,
    pub(super) computed: IndexMap<String, Json>,
    /// Those of the stored ones that nobody was asked for, since their question did not apply.
    pub(super) unasked: HashSet<String>,
    /// Those for which there was no answer yet, neither given nor recorded.
    pub(super) new: Vec<String>,
}

/// Whether people are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asking {
    /// Whatever has no answer yet.
    Open,
    /// Nothing: `--defaults`, or no terminal.
    Nothing,
}

/// Everything that answering needs.
pub(super) struct Inquiry<'a> {
    pub(super) template: &'a Template,
    pub(super) jinja: &'a Jinja,
    pub(super) selection: &'a Selection,
    pub(super) dir_name: &'a str,
    /// The folder as it was typed, for messages.
    pub(super) dir: &'a str,
    /// Who the user is, for defaults alone: what is rendered must follow from what is stored.
    pub(super) author: &'a Author,
    /// Which files lie in the folder already, for defaults alone, too.
    pub(super) project_files: &'a [String],
    pub(super) ui: &'a Ui,
    pub(super) asking: Asking,
}

/// # Errors
/// Exit 2 with all problems at once; or the user's interruption.
pub(super) fn answer(inquiry: &Inquiry, given: &Given) -> anyhow::Result<Answers> {
    let questions = &inquiry.template.manifest.questions;
    let mut session = Session {
        inquiry,
        names: base_names(inquiry.template, inquiry.selection, inquiry.dir_name),
        answers: Answers::default(),
        problems: given.unknown(&inquiry.template.manifest),
        missing: Vec::new(),
        broken: HashSet::new(),
    };
    for (name, question) in questions {
        session.compute(Late::Wait);
        session.question(name, question, given)?;
    }
    session.compute(Late::Report);
    session.finish()
}

/// What expressions see before any answer.
pub(super) fn base_names(template: &Template, selection: &Selection, dir_name: &str) -> Names {
    let about = &template.manifest.template;
    let components = template.manifest.components.keys().map(|name| (name.as_str(), Value::from(selection.has(name))));
    let about = [("name", Value::from(about.name.text.as_str())), ("version", Value::from(about.version.to_string()))];
    Names::from([
        ("components".to_owned(), Value::from_pairs(components)),
        ("template".to_owned(), Value::from_pairs(about)),
        ("prodev".to_owned(), Value::from_pairs([("version", env!("CARGO_PKG_VERSION"))])),
        ("dir_name".to_owned(), Value::from(dir_name)),
    ])
}

/// The names of `names` as one value.
pub(super) fn context(names: &Names) -> Value {
    Value::from_pairs(names.iter().map(|(name, value)| (name.as_str(), value.clone())))
}

/// What becomes of a computed value whose names are not all there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Late {
    /// It waits for the answers that it names.
    Wait,
    Report,
}

struct Session<'a> {
    inquiry: &'a Inquiry<'a>,
    names: Names,
    answers: Answers,
    problems: Vec<Problem>,
    /// Questions that nobody answered.
    missing: Vec<String>,
    /// Computed values that failed, and have been told.
    broken: HashSet<String>,
}

impl Session<'_> {
    fn context(&self) -> Value {
        context(&self.names)
    }

    /// The context, who the user is, and what lies in the folder. A question of that name hides it once it is answered.
    fn for_defaults(&self) -> Value {
        let mut names = self.names.clone();
        let files = self.inquiry.project_files.iter().map(String::as_str);
        names.entry("project_files".to_owned()).or_insert_with(|| files.collect());
        let Author { name, email } = self.inquiry.author;
        let known = [("name", name), ("email", email)].map(|(key, text)| (key, text.as_deref().unwrap_or_default()));
        names.entry("author".to_owned()).or_insert_with(|| Value::from_pairs(known));
        context(&names)
    }

    fn question(&mut self, name: &str, question: &Question, given: &Given) -> anyhow::Result<()> {
        let wanted = match &question.when {
            None => true,
            Some(when) => self.evaluate(when).is_none_or(|value| value.is_true()),
        };
        let default = self.default(name, question);
        if !wanted {
            if let Some(origin) = given.explicit(name) {
                self.inquiry.ui.warn(&format!("`{name}` (from {origin}) is not asked here and has no effect"));
            }
            let recorded = given.recorded(name, question.kind).and_then(Result::ok);
            self.answers.unasked.insert(name.to_owned());
            self.accept(name, question, recorded.or(default).unwrap_or(Json::Null));
            return Ok(());
        }
        let choices = self.choices(question);
        if let Some(answer) = given.answer(name, question.kind) {
            if question.kind == Kind::Secret && given.is_set(name) {
                self.inquiry.ui.warn(&format!(
                    "everybody on this machine can see in the list of processes what `--set` gives; `--answers -` reads `{name}` from stdin"
                ));
            }
            let checked = answer.and_then(|value| self.check(question, choices.as_deref(), value));
            match checked {
                Ok(value) => self.accept(name, question, value),
                Err(why) => self.problems.push(Problem::new(format!("`{name}`: {why}"))),
            }
            return Ok(());
        }
        if let Some(answer) = given.standing(name, question.kind) {
            match answer.and_then(|value| self.check(question, choices.as_deref(), value)) {
                Ok(value) => {
                    self.accept(name, question, value);
                    return Ok(());
                }
                Err(why) if self.inquiry.asking == Asking::Nothing => {
                    let problem = Problem::new(format!("`{name}`: the recorded answer does not do any more: {why}"));
                    self.problems.push(problem.hint(format!("give another with `--set {name}=…`")));
                    return Ok(());
                }
                Err(why) => {
                    self.inquiry.ui.warn(&format!("the recorded answer to `{name}` does not do any more: {why}"));
                }
            }
        }
        // What was answered before is what most will want again.
        let default =
            given.recorded(name, question.kind).and_then(Result::ok).filter(|_| given.is_reasked(name)).or(default);
        if question.kind == Kind::Secret && given.secrets == Secrets::Blank {
            self.accept(name, question, Json::from(""));
            return Ok(());
        }
        self.answers.new.push(name.to_owned());
        if let Some(answer) = given.habitual(name, question.kind) {
            // Made for other templates too, so it may well not fit this one.
            match answer.and_then(|value| self.check(question, choices.as_deref(), value)) {
                Ok(value) => {
                    self.accept(name, question, value);
                    return Ok(());
                }
                Err(why) => {
                    self.inquiry.ui.warn(&format!("`{name}` from your own configuration does not fit here: {why}"));
                }
            }
        }
        if self.inquiry.asking == Asking::Open {
            let value = self.ask(name, question, default.as_ref(), choices.as_deref())?;
            self.accept(name, question, value);
            return Ok(());
        }
        match default {
            // A default that hangs on an answer that is missing or wrong is no gap of its own.
            None if question.default.is_some() && self.has_gaps() => {}
            None => self.missing.push(name.to_owned()),
            Some(value) => match self.check(question, choices.as_deref(), value) {
                Ok(value) => self.accept(name, question, value),
                Err(why) => {
                    let problem = Problem::new(format!("`{name}`: its default does not do: {why}"));
                    self.problems.push(problem.hint(format!("give another with `--set {name}=…`")));
                }
            },
        }
        Ok(())
    }

    fn accept(&mut self, name: &str, question: &Question, value: Json) {
        if question.kind == Kind::Secret {
            self.answers.secrets.insert(name.to_owned(), value);
        } else {
            self.names.insert(name.to_owned(), Value::from(Serde(&value)));
            self.answers.stored.insert(name.to_owned(), value);
        }
    }

    /// Computes what can be computed by now.
    fn compute(&mut self, late: Late) {
        for (name, expression) in &self.inquiry.template.manifest.computed {
            let settled = self.answers.computed.contains_key(name) || self.broken.contains(name);
            if settled || (late == Late::Wait && !self.is_ready(expression)) {
                continue;
            }
            match self.inquiry.jinja.evaluate(&expression.text, &self.context()) {
                Ok(value) => {
                    let json = serde_json::to_value(&value).unwrap_or_default();
                    self.answers.computed.insert(name.clone(), json);
                    self.names.insert(name.clone(), value);
                }
                Err(wrong) if wrong.undefined && self.has_gaps() => {}
                Err(wrong) => {
                    self.broken.insert(name.clone());
                    self.report(wrong, expression);
                }
            }
        }
    }

    /// Whether all questions and computed values that an expression names are settled. (That it can be evaluated is not enough:
    /// `later | default('x')` can at any time.)
    fn is_ready(&self, expression: &Text) -> bool {
        let manifest = &self.inquiry.template.manifest;
        let open = |name: &String| {
            !self.names.contains_key(name)
                && (manifest.questions.get(name).is_some_and(|question| question.kind != Kind::Secret)
                    || manifest.computed.contains_key(name))
        };
        !self.inquiry.jinja.names_in(&expression.text).iter().any(open)
    }

    /// Whether names may be undefined only because an answer is missing or wrong, which is told already.
    fn has_gaps(&self) -> bool {
        !self.missing.is_empty() || !self.problems.is_empty()
    }

    fn report(&mut self, mut wrong: super::jinja::Wrong, text: &Text) {
        let template = self.inquiry.template;
        let is_secret =
            |name: &str| template.manifest.questions.get(name).is_some_and(|question| question.kind == Kind::Secret);
        if let Some(name) = wrong.message.split('`').nth(1).filter(|_| wrong.undefined) {
            let manifest = &template.manifest;
            let known = || manifest.questions.keys().chain(manifest.computed.keys()).map(String::as_str);
            if is_secret(name) {
                wrong.hint = Some("secret answers are seen by `once` files alone".to_owned());
            } else if known().any(|known| known == name) {
                wrong.hint = Some(format!("`{name}` is not known yet here: it comes later"));
            } else if let Some(near) = crate::error::nearest(name, known()).filter(|_| wrong.hint.is_none()) {
                wrong.hint = Some(format!("did you mean `{near}`?"));
            }
        }
        self.problems.push(template.wrong(wrong, text));
    }

    fn evaluate(&mut self, expression: &Text) -> Option<Value> {
        self.evaluate_in(&self.context(), expression)
    }

    fn evaluate_in(&mut self, context: &Value, expression: &Text) -> Option<Value> {
        match self.inquiry.jinja.evaluate(&expression.text, context) {
            Ok(value) => Some(value),
            Err(wrong) => {
                if !(wrong.undefined && self.has_gaps()) {
                    self.report(wrong, expression);
                }
                None
            }
        }
    }

    /// A text of the template for people. What is wrong with it is reported, and the text itself shown.
    fn text(&mut self, text: &Text) -> String {
        match self.inquiry.jinja.text(&text.text, &self.context()) {
            Ok(rendered) => rendered,
            Err(wrong) => {
                self.report(wrong, text);
                text.text.clone()
            }
        }
    }

    /// The default as a value of the question's kind; `None` where there is none.
    fn default(&mut self, name: &str, question: &Question) -> Option<Json> {
        let literal = question.default.as_ref()?;
        let value = self.literal(literal, &self.for_defaults())?;
        if value.is_null() {
            return None;
        }
        let value = match (&value, question.kind) {
            // A rendered text is typed by its question, as a typed one would be.
            (Json::String(text), Kind::Int | Kind::Float | Kind::Bool | Kind::Multi | Kind::Yaml | Kind::Json)
                if literal.value.as_str().is_some_and(has_markup) =>
            {
                values::from_text(question.kind, text)
            }
            _ => values::typed(question.kind, value),
        };
        match value {
            Ok(value) => Some(value),
            Err(why) => {
                let template = self.inquiry.template;
                let place = template.place(&literal.span);
                self.problems.push(Problem::new(format!("the default of `{name}` does not do: {why}")).at(place));
                None
            }
        }
    }

    /// A literal of `template.toml`, rendered where it is a text with markup.
    fn literal(&mut self, literal: &Literal, context: &Value) -> Option<Json> {
        let Some(text) = literal.value.as_str().filter(|text| has_markup(text)) else {
            return Some(values::from_toml(&literal.value));
        };
        let placed = Text { text: text.to_owned(), span: literal.span.clone() };
        if let Some(expression) = lone_expression(text) {
            let inner = Text { text: expression.to_owned(), span: literal.span.clone() };
            return self.evaluate_in(context, &inner).and_then(|value| serde_json::to_value(&value).ok());
        }
        match self.inquiry.jinja.text(text, context) {
            Ok(rendered) => Some(Json::from(rendered.trim())),
            Err(wrong) => {
                if !(wrong.undefined && self.has_gaps()) {
                    self.report(wrong, &placed);
                }
                None
            }
        }
    }

    /// The choices of a question, evaluated.
    fn choices(&mut self, question: &Question) -> Option<Vec<Choice>> {
        match question.choices.as_ref()? {
            Choices::Dynamic(expression) => {
                let value = self.evaluate(expression)?;
                let Ok(Json::Array(items)) = serde_json::to_value(&value) else {
                    let wrong = Problem::new("the choices must come out as a list");
                    let template = self.inquiry.template;
                    let place = template.place(&expression.span);
                    self.problems.push(wrong.at(place));
                    return None;
                };
                Some(items.into_iter().map(Choice::from_json).collect())
            }
            Choices::Fixed(options) => Some(options.iter().filter_map(|option| self.option(option)).collect()),
        }
    }

    fn option(&mut self, option: &Option_) -> Option<Choice> {
        let FullOption { value, label, disabled } = match option {
            Option_::Plain(literal) => return self.literal(literal, &self.context()).map(Choice::plain),
            Option_::Full(full) => full,
        };
        let value = self.literal(value, &self.context())?;
        let label = label.as_ref().map(|label| self.text(label));
        let disabled = disabled.as_ref().and_then(|expression| {
            self.names.insert("value".to_owned(), Value::from(Serde(&value)));
            let reason = self.evaluate(expression);
            self.names.remove("value");
            reason.and_then(|reason| reason_of(&serde_json::to_value(&reason).unwrap_or_default()))
        });
        Some(Choice { label: label.unwrap_or_else(|| values::show(&value)), value, disabled })
    }

    /// Holds a value against everything that the question says of it.
    ///
    /// # Errors
    /// What is wrong with it.
    fn check(&self, question: &Question, choices: Option<&[Choice]>, value: Json) -> Result<Json, String> {
        let value = match (choices, value) {
            (Some(choices), Json::Array(items)) if question.kind == Kind::Multi => {
                let taken = items.iter().map(|item| choose(choices, item)).collect::<Result<Vec<Json>, String>>()?;
                // In the order in which they are offered, however they were given: the same answers give the same bytes.
                choices.iter().map(|choice| &choice.value).filter(|value| taken.contains(value)).cloned().collect()
            }
            (Some(choices), value) => choose(choices, &value)?,
            (None, value) => value,
        };
        values::check_bounds(question, &value)?;
        for validator in question.validator.iter() {
            let mut names = self.names.clone();
            names.insert("value".to_owned(), Value::from(Serde(&value)));
            let jinja = self.inquiry.jinja;
            let holds = match jinja.evaluate(&validator.expr.text, &context(&names)) {
                Ok(holds) => holds,
                // It hangs on an answer that is missing or wrong, which is told already.
                Err(wrong) if wrong.undefined && self.has_gaps() => continue,
                // What went wrong may well be told with the value in it.
                Err(_) if question.kind == Kind::Secret => return Err("its validator failed".to_owned()),
                Err(wrong) => return Err(format!("its validator failed: {}", wrong.message)),
            };
            if !holds.is_true() {
                if question.kind == Kind::Secret {
                    names.insert("value".to_owned(), Value::from("the secret"));
                }
                return Err(jinja
                    .text(&validator.message.text, &context(&names))
                    .unwrap_or_else(|_| validator.message.text.clone()));
            }
        }
        Ok(value)
    }

    fn finish(mut self) -> anyhow::Result<Answers> {
        if !self.missing.is_empty() {
            self.problems.push(Problem::new(format!("no answer for {}", listed(&self.missing))));
        }
        if self.problems.is_empty() {
            let Answers { stored, secrets, computed, .. } = &mut self.answers;
            if !stored.contains_key("dir") && !secrets.contains_key("dir") {
                computed.entry("dir".to_owned()).or_insert_with(|| Json::from(self.inquiry.dir));
            }
            return Ok(self.answers);
        }
        let mut failure = Failure::of("some answers are missing or wrong", self.problems).exit(Exit::Usage);
        if !self.missing.is_empty() {
            let flags: Vec<String> = self.missing.iter().map(|name| format!("--set {name}=…")).collect();
            failure = failure.hint(format!("answer with `{}`, or in a file with `--answers FILE`", flags.join(" ")));
        } else if failure.hints.is_empty() && failure.problems.iter().all(|problem| problem.hint.is_none()) {
            let template = self.inquiry.template.shown();
            failure = failure.hint(format!("`prodev template show {template}` tells what each question takes"));
        }
        Err(failure.into())
    }
}
