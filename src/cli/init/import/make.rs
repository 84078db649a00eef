//! Makefiles: rules whose commands can be told without running make. Whatever make works out itself is left to it.

mod branch;
mod values;

use std::collections::HashMap;
use std::path::Path;

use self::branch::Branch;
use super::lines::{self, Foreign, Line, named};
use super::{Brought, own_surroundings};
use crate::config::check::refuse_recipe;
use crate::config::recipe::{Need, Recipe, Run};
use crate::config::value::Glob;
use crate::recipe::{Held, Piece, carry};

pub(super) fn read(text: &str, folder: &Path) -> Brought {
    let mut file = File::default();
    file.parse(text);
    file.brought(folder)
}

#[derive(Debug, Default)]
struct Rule {
    target: String,
    needs: Vec<String>,
    lines: Vec<String>,
    doc: Option<String>,
    /// Why make has to be asked, where it has.
    unsure: Option<&'static str>,
}

#[derive(Debug, Default)]
struct File {
    rules: Vec<Rule>,
    phony: Vec<String>,
    /// Each with its operator.
    variables: Vec<(String, String, String)>,
    left: Vec<String>,
    /// Why every rule has to be left to make.
    general: Option<String>,
    default: Option<String>,
}

/// Whether a line says what a variable is, and so leaves the rule above it open.
fn is_definition(line: &str) -> bool {
    line.split_once('=').is_some_and(|(before, _)| !before.trim_end_matches([':', '?', '+', '!']).contains(':'))
}

type Pieces = Result<Vec<Piece>, String>;

impl File {
    fn parse(&mut self, text: &str) {
        let mut comment: Option<String> = None;
        // The conditionals that are open.
        let mut branches: Vec<Branch> = Vec::new();
        let mut current: Vec<usize> = Vec::new();
        let mut is_defining = false;
        // Whether commands belong to a rule that is left out.
        let mut skips = false;
        for line in logical(text) {
            let is_conditional = branches.iter().any(|it| matches!(it, Branch::Unsure | Branch::Undefined(_)));
            if let Some(command) = line.strip_prefix('\t').filter(|_| !current.is_empty()) {
                if branches.contains(&Branch::Dropped) || branches.contains(&Branch::Done) {
                    continue;
                }
                for rule in &current {
                    self.rules[*rule].lines.push(command.to_owned());
                    if is_conditional {
                        self.rules[*rule].unsure = Some("it hangs on a condition");
                    }
                }
                continue;
            }
            if line.starts_with('\t') && skips {
                continue;
            }
            let line = line.trim();
            let word = line.split_whitespace().next().unwrap_or_default();
            if is_defining {
                is_defining = word != "endef";
                continue;
            }
            if let Some(text) = line.strip_prefix('#') {
                comment = Some(text.trim_start_matches('#').trim().to_owned()).filter(|text| !text.is_empty());
                continue;
            }
            let doc = comment.take();
            match word {
                "" => continue,
                "ifeq" | "ifneq" | "ifdef" | "ifndef" => {
                    branches.push(self.told(Branch::of(line)));
                    continue;
                }
                "else" => {
                    if let Some(branch) = branches.last_mut() {
                        *branch = self.told(branch.other(line["else".len()..].trim()));
                    }
                    continue;
                }
                "endif" => {
                    branches.pop();
                    continue;
                }
                _ if branches.contains(&Branch::Dropped) || branches.contains(&Branch::Done) => {
                    // A rule that is not there has no commands.
                    if !is_definition(line) {
                        current.clear();
                        skips = true;
                    }
                    is_defining = word == "define";
                    continue;
                }
                "define" => {
                    is_defining = true;
                    let name = line.split_whitespace().nth(1).unwrap_or_default();
                    self.variables.push((name.to_owned(), "define".to_owned(), String::new()));
                    continue;
                }
                "include" | "-include" | "sinclude" => {
                    self.left.push(format!("`{line}`"));
                    continue;
                }
                "unexport" | "vpath" => {
                    self.general = Some(format!("`{word}`"));
                    continue;
                }
                _ => {}
            }
            current.clear();
            skips = true;
            let undefined = match branches.as_slice() {
                [Branch::Undefined(variable)] => Some(variable.as_str()),
                _ => None,
            };
            if self.assignment(line, is_conditional, undefined) {
                continue;
            }
            self.rule(line, doc.as_ref(), is_conditional, &mut current);
        }
    }

    /// What is told without make by the name of the system: make has it from the environment, or from a line above.
    fn told(&mut self, branch: Branch) -> Branch {
        if !matches!(branch, Branch::Taken | Branch::Dropped) {
            return branch;
        }
        if self.variables.iter().any(|(name, ..)| name == "OS") {
            return Branch::Unsure;
        }
        let taken = "conditions on `OS`: it is taken not to be `Windows_NT`, whatever the environment says";
        self.left.push(taken.to_owned());
        branch
    }

    /// `undefined` is the variable that is not defined where the line counts.
    fn assignment(&mut self, line: &str, is_conditional: bool, undefined: Option<&str>) -> bool {
        let line = line.strip_prefix("export ").or_else(|| line.strip_prefix("override ")).unwrap_or(line).trim_start();
        let Some(at) = line.find('=') else { return line == "export" };
        let before = &line[..at];
        let operators = [":::", "::", ":", "?", "+", "!"];
        let operator = operators.into_iter().find(|end| before.ends_with(end)).unwrap_or_default();
        let variable = before[..before.len() - operator.len()].trim();
        let is_name = !variable.is_empty() && variable.chars().all(|c| c.is_ascii_alphanumeric() || "_-.".contains(c));
        if !is_name {
            return false;
        }
        let value = line[at + 1..].trim();
        // A comment begins wherever it stands, but for a `\#`, and in the calls of functions.
        let (value, is_unsure) = match value.find('#') {
            Some(at) if value[..at].ends_with('\\') || value[..at].contains("$(") => (value, true),
            Some(at) => (value[..at].trim(), false),
            None => (value, false),
        };
        let value = value.to_owned();
        if variable == ".DEFAULT_GOAL" {
            self.default = Some(value);
            return true;
        }
        // One that is there already is not undefined; and what others are worth at this line is for make to say.
        let is_here = self.variables.iter().any(|(name, ..)| name == variable);
        let is_now = matches!(operator, ":" | "::" | ":::");
        let is_default = undefined == Some(variable)
            && !is_here
            && (matches!(operator, "" | "?") || (is_now && !value.contains('$')));
        let operator = match operator {
            _ if is_unsure => "condition",
            _ if is_default => "?",
            _ if is_conditional => "condition",
            other => other,
        };
        self.variables.push((variable.to_owned(), operator.to_owned(), value));
        true
    }

    fn rule(&mut self, line: &str, doc: Option<&String>, is_conditional: bool, current: &mut Vec<usize>) {
        let Some((targets, rest)) = line.split_once(':') else {
            self.left.push(format!("`{}`", line.chars().take(60).collect::<String>()));
            return;
        };
        let (rest, written) =
            rest.split_once("## ").map_or((rest, None), |(rest, doc)| (rest, Some(doc.trim().to_owned())));
        let rest = rest.split(" #").next().unwrap_or_default();
        let (needs, command) =
            rest.split_once(';').map_or((rest, None), |(needs, command)| (needs, Some(command.trim())));
        let needs: Vec<String> = needs.split_whitespace().filter(|need| *need != "|").map(str::to_owned).collect();
        match targets.trim() {
            ".PHONY" => self.phony.extend(needs),
            ".SILENT" | ".SUFFIXES" | ".PRECIOUS" | ".SECONDARY" | ".INTERMEDIATE" | ".DELETE_ON_ERROR"
            | ".NOTPARALLEL" => {}
            special if special.starts_with('.') && special[1..].chars().all(|c| c.is_ascii_uppercase() || c == '_') => {
                self.general = Some(format!("`{special}`"));
            }
            targets => {
                for target in targets.split_whitespace() {
                    if target.contains(['%', '$', '*']) {
                        self.left.push(format!("the rule for `{target}`"));
                        continue;
                    }
                    let unsure = if is_conditional {
                        Some("it hangs on a condition")
                    } else if rest.starts_with(':') || rest.contains(['=', '%', '$', '*', ':']) {
                        Some("what it needs is worked out by make")
                    } else {
                        None
                    };
                    let doc = written.clone().or(doc.cloned());
                    if let Some(known) = self.rules.iter().position(|rule| rule.target == target) {
                        let rule = &mut self.rules[known];
                        rule.needs.extend(needs.clone());
                        rule.unsure = rule.unsure.or(unsure);
                        rule.doc = rule.doc.clone().or(doc);
                        current.push(known);
                    } else {
                        let lines = command.map(str::to_owned).into_iter().collect();
                        self.rules.push(Rule { target: target.to_owned(), needs: needs.clone(), lines, doc, unsure });
                        current.push(self.rules.len() - 1);
                    }
                }
            }
        }
    }

    fn brought(mut self, folder: &Path) -> Brought {
        let mut out = Brought { left: std::mem::take(&mut self.left), ..Brought::default() };
        let names = self.declare(&mut out);
        let shell = self.shell();
        for rule in &self.rules {
            let is_phony = self.phony.contains(&rule.target);
            let made = match (&self.general, rule.unsure) {
                (Some(reason), _) => Err(reason.clone()),
                (_, Some(reason)) => Err(reason.to_owned()),
                _ => self.recipe(rule, is_phony, folder, &names, shell.as_ref()),
            };
            let recipe = recipe_name(&rule.target);
            if refuse_recipe(&recipe).is_some() {
                out.left.push(format!("the rule for `{}`: it has no name that a recipe can have", rule.target));
                continue;
            }
            let made = made.unwrap_or_else(|reason| {
                // A file is called by its own name, in make alone.
                if recipe == rule.target {
                    out.handed.push((recipe.clone(), reason));
                    return Recipe { doc: rule.doc.clone(), ..Recipe::default() };
                }
                out.left.push(format!("`{recipe}` calls make: {reason}"));
                let words = ["make", rule.target.as_str()].map(str::to_owned).to_vec();
                let vars = own_surroundings(&out.vars);
                Recipe { doc: rule.doc.clone(), run: Some(Run::Words(words)), vars, ..Recipe::default() }
            });
            out.recipes.insert(recipe, made);
        }
        let first = self.rules.iter().map(|rule| &rule.target).find(|target| !target.starts_with('.'));
        out.default = self.default.as_ref().or(first).map(|target| recipe_name(target));
        out
    }

    /// The shell of all rules; `None` where only make knows it.
    fn shell(&self) -> Option<Foreign> {
        let last = |wanted: &str| {
            self.variables.iter().rev().find(|(name, ..)| name == wanted).map(|(_, _, value)| value.as_str())
        };
        let flags: Vec<String> = last(".SHELLFLAGS").unwrap_or("-c").split_whitespace().map(str::to_owned).collect();
        let shell = last("SHELL").unwrap_or("sh");
        (!shell.contains('$') && !shell.contains(' ')).then(|| Foreign::named(shell, &flags))
    }

    fn recipe(
        &self,
        rule: &Rule,
        is_phony: bool,
        folder: &Path,
        names: &HashMap<String, Pieces>,
        shell: Option<&Foreign>,
    ) -> Result<Recipe, String> {
        let shell = shell.ok_or("`SHELL`")?;
        let mut made = Recipe { doc: rule.doc.clone(), ..Recipe::default() };
        let is_rule = |target: &String| self.rules.iter().any(|rule| rule.target == *target);
        for need in &rule.needs {
            if is_rule(need) {
                made.needs.push(Need::Name(recipe_name(need)));
            } else if folder.join(need).exists() {
                made.inputs.push(Glob::given(need.clone()));
            } else {
                return Err(format!("`{need}` is made by a rule that was not carried over"));
            }
        }
        made.ordered = made.needs.len() > 1;
        let mut found = Vec::new();
        for line in &rule.lines {
            let rest = line.trim_start_matches(['@', '-', '+', ' ']);
            let sigils = &line[..line.len() - rest.len()];
            if sigils.contains('+') || rest.contains("$(MAKE)") || rest.contains("${MAKE}") {
                return Err("it calls make again".to_owned());
            }
            found.push(Line { text: carry(&expand(rest, Some(rule), names)?)?, ignores: sigils.contains('-') });
        }
        let speaks_of_itself = rule.lines.iter().any(|line| line.contains("$@"));
        let is_file = speaks_of_itself || rule.target.contains(['.', '/']) || folder.join(&rule.target).exists();
        if !is_phony && is_file && !found.is_empty() {
            if made.inputs.is_empty() && made.needs.is_empty() {
                return Err("whether it runs hangs on whether the file is there".to_owned());
            }
            made.outputs.push(Glob::given(rule.target.clone()));
            let files = rule.needs.iter().filter(|need| is_rule(need) && !self.phony.contains(need));
            made.inputs.extend(files.map(|need| Glob::given(need.clone())));
        } else {
            // A command runs whenever it is asked for.
            made.inputs.clear();
        }
        lines::give(&mut made, found, shell);
        if made.run.is_none() && made.needs.is_empty() {
            made.run = Some(Run::Script("true".to_owned()));
        }
        Ok(made)
    }
}

/// Lines, with those joined that end in a backslash; commands keep theirs, which are for the shell.
fn logical(text: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut goes_on = false;
    for line in text.lines() {
        match found.last_mut().filter(|_| goes_on) {
            Some(last) if last.starts_with('\t') => {
                last.push('\n');
                last.push_str(line.strip_prefix('\t').unwrap_or(line));
            }
            Some(last) => {
                last.pop();
                last.push(' ');
                last.push_str(line.trim_start());
            }
            None => found.push(line.to_owned()),
        }
        goes_on = line.ends_with('\\') && !line.ends_with("\\\\");
    }
    found
}

/// What make itself puts in place of variables that nobody sets.
const BUILT_IN: [(&str, &str); 8] = [
    ("RM", "rm -f"),
    ("CC", "cc"),
    ("CXX", "g++"),
    ("AR", "ar"),
    ("CFLAGS", ""),
    ("CXXFLAGS", ""),
    ("LDFLAGS", ""),
    ("LDLIBS", ""),
];

fn expand(text: &str, rule: Option<&Rule>, names: &HashMap<String, Pieces>) -> Pieces {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        found.push(Piece::text(before));
        let first = after.chars().next().ok_or("a `$` without a name")?;
        let (variable, behind) = match first {
            '(' | '{' => {
                let end = after.find(if first == '(' { ')' } else { '}' }).ok_or("a `$(` without an end")?;
                (&after[1..end], &after[end + 1..])
            }
            other => after.split_at(other.len_utf8()),
        };
        rest = behind;
        let automatic = match (variable, rule) {
            ("$", _) => Some("$".to_owned()),
            ("@", Some(rule)) => Some(rule.target.clone()),
            ("<", Some(rule)) => Some(rule.needs.first().cloned().unwrap_or_default()),
            ("^", Some(rule)) => Some(rule.needs.join(" ")),
            _ => None,
        };
        if let Some(text) = automatic {
            found.push(Piece::Text(text));
        } else if let Some(pieces) = names.get(variable) {
            found.extend(pieces.clone().map_err(|reason| format!("`{variable}`: {reason}"))?);
        } else if let Some((_, value)) = BUILT_IN.iter().find(|(name, _)| *name == variable) {
            found.push(Piece::text(*value));
        } else if !variable.is_empty() && variable.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            if matches!(variable, "MAKE" | "SHELL" | "CURDIR" | "MAKEFILE_LIST" | "MAKECMDGOALS" | "MAKELEVEL") {
                return Err(format!("`{variable}`"));
            }
            found.push(named(variable, Held::Environment(String::new())));
        } else {
            return Err(format!("`${}`", after.chars().take(20).collect::<String>()));
        }
    }
    found.push(Piece::text(rest));
    Ok(found)
}

/// Paths cannot be names.
fn recipe_name(target: &str) -> String {
    target.replace('/', "-")
}
