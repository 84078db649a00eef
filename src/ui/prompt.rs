//! Questions to the person at the terminal. Whoever asks has made sure that there is one (`Ui::is_interactive`).
//!
//! While a question is open its help stands above it; when it is answered, one line of it stays.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use dialoguer::console::{self, Term, measure_text_width, truncate_str};
use dialoguer::{Confirm, FuzzySelect, Input, MultiSelect, Select};

use super::tame::tame;
use super::theme::{self, House};
use super::{Interrupt, Ui, Volume, editor, hidden, style};

/// What is asked, and what is said of it.
#[derive(Clone, Copy)]
pub(crate) struct Question<'a> {
    pub(crate) prompt: &'a str,
    pub(crate) help: Option<&'a str>,
}

/// What a text must be. An error says what is wrong with it.
pub(crate) type Check<'a, T> = &'a dyn Fn(&T) -> Result<(), String>;

/// A question for a text.
pub(crate) struct Field<'a> {
    pub(crate) question: Question<'a>,
    /// What is taken when the user just presses enter.
    pub(crate) default: Option<String>,
    /// What it may look like, shown where there is no default.
    pub(crate) hint: String,
    pub(crate) check: Check<'a, String>,
}

/// One of several answers to choose from.
#[derive(Default)]
pub(crate) struct Choice {
    pub(crate) label: String,
    /// More about it, beside the label.
    pub(crate) about: String,
    /// Why it cannot be taken, where it cannot.
    pub(crate) disabled: Option<String>,
    pub(crate) chosen: bool,
}

impl Choice {
    /// One that can be taken, and says all by its label.
    pub(crate) fn plain(label: &str) -> Self {
        Self { label: label.to_owned(), ..Self::default() }
    }
}

/// The list from which fuzzy search is more comfortable than arrows alone.
const LONG_LIST: usize = 9;

/// How one of several is found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Arrows,
    Search,
}

impl Ui {
    /// A line of text.
    pub(crate) fn ask_text(&self, field: &Field) -> anyhow::Result<String> {
        let theme = House { hint: field.hint.clone() };
        let mut typed = String::new();
        let ask = || {
            let mut input = Input::<String>::with_theme(&theme)
                .with_prompt(one_line(field.question.prompt))
                .allow_empty(true)
                .report(false)
                .with_initial_text(&typed);
            if let Some(default) = &field.default {
                input = input.default(default.clone());
            }
            typed = heard(input.interact_text())?;
            Ok(typed.clone())
        };
        self.until_right(&field.question, ask, field.check, Clone::clone)
    }

    /// A text of several lines: in the user's editor, which opens with the default; or a single one, typed.
    pub(crate) fn ask_editor(&self, field: &Field) -> anyhow::Result<String> {
        let program = editor::program();
        let theme = House { hint: format!("(enter opens {program}; or type one line)") };
        let mut text = field.default.clone().unwrap_or_default();
        let ask = || {
            let prompt = one_line(field.question.prompt);
            let input = Input::<String>::with_theme(&theme).with_prompt(prompt).allow_empty(true).report(false);
            let typed = heard(input.interact_text())?;
            text = if typed.is_empty() { editor::edit(&program, &text)? } else { typed };
            Ok(text.clone())
        };
        let show = |text: &String| match text.lines().count() {
            0 | 1 => text.clone(),
            lines => format!("{lines} lines"),
        };
        self.until_right(&field.question, ask, field.check, show)
    }

    /// A text that is not shown.
    pub(crate) fn ask_secret(&self, field: &Field) -> anyhow::Result<String> {
        let hint = if field.default.is_some() { "(hidden; enter takes the default)" } else { "(hidden)" };
        let theme = House { hint: hint.to_owned() };
        let ask = || {
            let typed = hidden::read(&theme, &one_line(field.question.prompt))?;
            Ok(field.default.clone().filter(|_| typed.is_empty()).unwrap_or(typed))
        };
        self.until_right(&field.question, ask, field.check, |_| "********".to_owned())
    }

    /// Yes or no. `--yes` answers yes.
    pub(crate) fn confirm(&self, prompt: &str, default: bool) -> anyhow::Result<bool> {
        if self.yes {
            return Ok(true);
        }
        self.ask_bool(&Question { prompt, help: None }, Some(default), &|_| Ok(()))
    }

    /// Whether the user agrees to what `text` says, which is shown whole, and stays, however quiet the rest is. It is nothing that `--yes` answers.
    pub(crate) fn agree(&self, text: &str, prompt: &str) -> anyhow::Result<bool> {
        Self::speak(text);
        self.ask_bool(&Question { prompt, help: None }, Some(false), &|_| Ok(()))
    }

    /// Whether `--yes` was given.
    pub(crate) fn is_yes(&self) -> bool {
        self.yes
    }

    /// A question whose answer is yes or no.
    pub(crate) fn ask_bool(
        &self,
        question: &Question,
        default: Option<bool>,
        check: Check<bool>,
    ) -> anyhow::Result<bool> {
        let theme = House { hint: String::new() };
        let ask = || {
            let mut confirm = Confirm::with_theme(&theme).with_prompt(one_line(question.prompt)).report(false);
            if let Some(default) = default {
                confirm = confirm.default(default);
            }
            Ok(heard(confirm.interact())?)
        };
        self.until_right(question, ask, check, |yes| if *yes { "yes".to_owned() } else { "no".to_owned() })
    }

    /// One of `choices`, by its index. A disabled one is shown, and cannot be taken.
    pub(crate) fn ask_choice(
        &self,
        question: &Question,
        choices: &[Choice],
        check: Check<usize>,
    ) -> anyhow::Result<usize> {
        let way = if choices.len() >= LONG_LIST { Way::Search } else { Way::Arrows };
        self.choose(question, choices, check, way)
    }

    /// The same among names that a person knows: a few letters of one find it.
    pub(crate) fn search_choice(&self, question: &Question, choices: &[Choice]) -> anyhow::Result<usize> {
        self.choose(question, choices, &|_| Ok(()), Way::Search)
    }

    fn choose(&self, question: &Question, choices: &[Choice], check: Check<usize>, way: Way) -> anyhow::Result<usize> {
        let lines = lines(choices, 4);
        let mut start = choices.iter().position(|choice| choice.chosen).unwrap_or_default();
        let ask = || {
            let prompt = one_line(question.prompt);
            let taken = if way == Way::Search {
                let theme = House { hint: "(type to search)".to_owned() }.fuzzy();
                FuzzySelect::with_theme(&theme)
                    .with_prompt(prompt)
                    .report(false)
                    .items(&lines)
                    .default(start)
                    .interact()
            } else {
                let theme = House { hint: "(arrows and enter)".to_owned() };
                Select::with_theme(&theme).with_prompt(prompt).report(false).items(&lines).default(start).interact()
            };
            start = heard(taken)?;
            Ok(start)
        };
        let check = |taken: &usize| match choices.get(*taken).and_then(|choice| choice.disabled.as_ref()) {
            Some(reason) => Err(format!("this choice is not available: {reason}")),
            None => check(taken),
        };
        let show = |taken: &usize| choices.get(*taken).map(|choice| choice.label.clone()).unwrap_or_default();
        self.until_right(question, ask, &check, show)
    }

    /// Any number of `choices`, by their indices, in their order.
    pub(crate) fn ask_several(
        &self,
        question: &Question,
        choices: &[Choice],
        check: Check<Vec<usize>>,
    ) -> anyhow::Result<Vec<usize>> {
        let lines = lines(choices, 8);
        let theme = House { hint: "(arrows, space selects, enter ends)".to_owned() };
        let mut chosen: Vec<bool> = choices.iter().map(|choice| choice.chosen).collect();
        let ask = || {
            let list = MultiSelect::with_theme(&theme)
                .with_prompt(one_line(question.prompt))
                .report(false)
                .items_checked(lines.iter().zip(chosen.iter().copied()));
            let taken = heard(list.interact())?;
            chosen = (0..choices.len()).map(|at| taken.contains(&at)).collect();
            Ok(taken)
        };
        let check = |taken: &Vec<usize>| {
            let mut refused = taken.iter().filter_map(|at| choices.get(*at));
            match refused.find_map(|choice| Some((&choice.label, choice.disabled.as_ref()?))) {
                Some((label, reason)) => Err(format!("{label} is not available: {reason}")),
                None => check(taken),
            }
        };
        let show = |taken: &Vec<usize>| {
            let labels: Vec<&str> =
                taken.iter().filter_map(|at| choices.get(*at)).map(|choice| choice.label.as_str()).collect();
            if labels.is_empty() { "none".to_owned() } else { labels.join(", ") }
        };
        self.until_right(question, ask, &check, show)
    }

    /// Asks until the answer is right. Help and complaints stand above the question as long as it is open.
    fn until_right<T>(
        &self,
        question: &Question,
        mut ask: impl FnMut() -> anyhow::Result<T>,
        check: Check<T>,
        show: impl Fn(&T) -> String,
    ) -> anyhow::Result<T> {
        let mut above = Above { term: Term::stderr(), rows: 0 };
        console::set_colors_enabled_stderr(anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never);
        let help = question.help.filter(|_| self.volume > Volume::Quiet);
        if let Some(help) = help {
            above.add(help, |_, line| format!("  {}{line}{:#}", style::DIM, style::DIM))?;
        }
        if measure_text_width(question.prompt) > widest_prompt() {
            above.add(question.prompt, |_, line| format!("  {line}"))?;
        }
        let said = above.rows;
        loop {
            let complaint = match guarded(&mut ask) {
                Ok(answer) => match check(&answer) {
                    Ok(()) => {
                        above.clear_to(0)?;
                        above.term.write_line(&theme::report(&one_line(question.prompt), &show(&answer)))?;
                        return Ok(answer);
                    }
                    Err(complaint) => complaint,
                },
                Err(error) => error.downcast::<editor::Unusable>()?.to_string(),
            };
            above.clear_to(said)?;
            above.add(&complaint, theme::complaint)?;
        }
    }
}

/// The lines that stand above an open question.
struct Above {
    term: Term,
    rows: usize,
}

impl Above {
    /// Adds a text, which takes as many rows as the terminal makes of it.
    fn add(&mut self, text: &str, dress: impl Fn(usize, &str) -> String) -> io::Result<()> {
        for (index, line) in text.trim_end().lines().flat_map(wrapped).enumerate() {
            self.rows += 1;
            let line = dress(index, &line);
            let shown =
                if console::colors_enabled_stderr() { line } else { console::strip_ansi_codes(&line).into_owned() };
            self.term.write_line(&shown)?;
        }
        Ok(())
    }

    /// Takes lines away, the last ones first, until this many are left.
    fn clear_to(&mut self, rows: usize) -> io::Result<()> {
        self.term.clear_last_lines(self.rows - rows)?;
        self.rows = rows;
        Ok(())
    }
}

/// A line in parts that fit the terminal, indented.
fn wrapped(line: &str) -> Vec<String> {
    let room = theme::width() - 4;
    let mut parts = vec![String::new()];
    for word in line.split(' ') {
        let last = parts.last_mut().expect("there is always a part");
        if last.is_empty() {
            last.push_str(word);
        } else if measure_text_width(last) + 1 + measure_text_width(word) <= room {
            last.push(' ');
            last.push_str(word);
        } else {
            parts.push(word.to_owned());
        }
    }
    parts.iter().map(|part| truncate_str(part, room, "…").into_owned()).collect()
}

/// The columns that a prompt may take of the line that its answer stands on.
fn widest_prompt() -> usize {
    theme::width() / 2
}

/// A prompt as it stands before the answer.
fn one_line(prompt: &str) -> String {
    tame(&truncate_str(prompt.lines().next().unwrap_or_default(), widest_prompt(), "…")).into_owned()
}

/// The choices as lines: labels, and beside them what is said about them, cut off where the terminal ends.
fn lines(choices: &[Choice], margin: usize) -> Vec<String> {
    let labels = choices.iter().map(|choice| measure_text_width(&choice.label)).max().unwrap_or_default();
    let room = theme::width().saturating_sub(margin + 1);
    let line = |choice: &Choice| {
        let about = match &choice.disabled {
            Some(reason) => format!("(not available: {reason})"),
            None => choice.about.clone(),
        };
        if about.is_empty() {
            return truncate_str(&choice.label, room, "…").into_owned();
        }
        let gap = " ".repeat(labels.saturating_sub(measure_text_width(&choice.label)) + 2);
        truncate_str(&format!("{}{gap}{about}", choice.label), room, "…").into_owned()
    };
    choices.iter().map(|choice| tame(&line(choice)).into_owned()).collect()
}

/// The error under dialoguer's, which hides what kind it is of.
fn heard<T>(answer: dialoguer::Result<T>) -> io::Result<T> {
    answer.map_err(|dialoguer::Error::IO(error)| error)
}

/// Asks with Ctrl-C turned into an error, so that the cursor comes back before the program ends.
fn guarded<T>(ask: &mut impl FnMut() -> anyhow::Result<T>) -> anyhow::Result<T> {
    let interrupt = Interrupt::hold()?;
    let open = AtomicBool::new(true);
    let answer = thread::scope(|scope| {
        // Before the first key and between two of them the terminal is as usual: a Ctrl-C there is a signal that was noted while nobody waited.
        // Sent again, it wakes whoever waits for a key.
        let watch = scope.spawn(|| {
            while open.load(Ordering::SeqCst) {
                thread::park_timeout(Duration::from_millis(50));
                if open.load(Ordering::SeqCst) && interrupt.check().is_err() {
                    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::INT);
                }
            }
        });
        let answer = ask();
        open.store(false, Ordering::SeqCst);
        watch.thread().unpark();
        answer
    });
    let answer = answer.and_then(|answer| interrupt.check().map(|()| answer).map_err(Into::into));
    if let Err(error) = &answer
        && super::failure::is_interruption_chain(error)
    {
        // Selections hide the cursor and leave it so when they are interrupted.
        let term = Term::stderr();
        let _ = term.show_cursor().and_then(|()| term.write_line(""));
    }
    answer
}
