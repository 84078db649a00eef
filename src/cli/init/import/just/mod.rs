//! justfiles, read through the `just` that is installed: its own dump says what a file means.

mod values;

use std::collections::HashMap;
use std::path::Path;

use serde_json::Value;

use self::values::{Pieces, spoken_of};
use super::lines::{self, Foreign, Line, constant, held, named, reference};
use super::{Brought, needed};
use crate::config::check::refuse_variable;
use crate::config::condition::{Conditions, System, When};
use crate::config::parameter::{FullParameter, Parameter};
use crate::config::recipe::{Call, Confirm, Need, Recipe, Run};
use crate::config::value::{Command, Map, OneOrMany, Pattern, Scalar};
use crate::config::variable::{Dotenv, FullVariable, Variable};
use crate::error::{Exit, Failure, fail};
use crate::plan::process::{self, Unasked};
use crate::recipe::{Held, Piece, carry};

/// # Errors
/// Where `just` is not there, or does not understand the file.
pub(super) fn read(path: &Path, folder: &Path) -> Result<Brought, Failure> {
    let words = ["just", "--unstable", "--justfile", &path.to_string_lossy(), "--dump", "--dump-format", "json"];
    let command = Command::Words(words.map(str::to_owned).to_vec());
    let dump = process::ask(&command, folder, &[]).map_err(|unasked| {
        let hint = match unasked {
            Unasked::Start(_) => "justfiles are read through `just`, which has to be installed",
            Unasked::Failed(_) => "mend the file first",
        };
        Failure::from(unasked).hint(hint).exit(Exit::Usage)
    })?;
    let dump: Value = serde_json::from_slice(&dump).map_err(|error| {
        fail("what `just` dumps could not be read").cause(error.to_string()).hint("install a newer `just`")
    })?;
    Ok(File::of(&dump).brought())
}

struct File<'a> {
    dump: &'a Value,
    /// What the names of assignments stand for.
    names: HashMap<&'a str, Pieces>,
    out: Brought,
}

fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value.get(key).and_then(Value::as_str)
}

fn is(value: &Value, key: &str) -> bool {
    value.get(key).and_then(Value::as_bool).unwrap_or_default()
}

fn list<'a>(value: &'a Value, key: &str) -> &'a [Value] {
    value.get(key).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn table<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = (&'a String, &'a Value)> {
    value.get(key).and_then(Value::as_object).into_iter().flatten()
}

impl<'a> File<'a> {
    fn of(dump: &'a Value) -> Self {
        Self { dump, names: HashMap::new(), out: Brought::default() }
    }

    fn brought(mut self) -> Brought {
        self.assignments();
        let settings = &self.dump["settings"];
        // What changes the meaning of every recipe and is not known: then none is carried over.
        let general = ["dotenv_filename", "dotenv_path", "tempdir"].iter().find(|key| text(settings, key).is_some());
        let general =
            general.or_else(|| ["dotenv_override", "dotenv_required", "no_cd"].iter().find(|key| is(settings, key)));
        for (name, recipe) in table(self.dump, "recipes") {
            let found = match general {
                Some(key) => Err(format!("`set {}`", key.replace('_', "-"))),
                None => self.recipe(recipe),
            };
            match found {
                Ok(made) => {
                    self.out.recipes.insert(name.clone(), made);
                }
                Err(reason) => {
                    let mut named = Recipe { doc: text(recipe, "doc").map(str::to_owned), ..Recipe::default() };
                    named.private = is(recipe, "private");
                    self.out.recipes.insert(name.clone(), named);
                    self.out.handed.push((name.clone(), reason));
                }
            }
        }
        for (alias, of) in table(self.dump, "aliases") {
            let Some(recipe) = text(of, "target").and_then(|name| self.out.recipes.get_mut(name)) else {
                self.out.left.push(format!("the alias `{alias}`"));
                continue;
            };
            let mut all = recipe.alias.as_slice().to_vec();
            all.push(alias.clone());
            recipe.alias = if all.len() == 1 { OneOrMany::One(all.remove(0)) } else { OneOrMany::Many(all) };
        }
        self.modules(self.dump, "");
        for name in list(self.dump, "unexports").iter().filter_map(Value::as_str) {
            self.out.left.push(format!("`unexport {name}`: recipes see it"));
        }
        self.out.default = text(self.dump, "first").map(str::to_owned);
        // Nothing can be called without a name that must be given something.
        let takes = |name: &String| {
            self.out.recipes.get(name).is_some_and(|it| it.params.iter().any(|param| param.full().is_required()))
        };
        if self.out.default.as_ref().is_some_and(takes) {
            self.out.default = None;
        }
        self.out
    }

    /// Recipes of modules are run by just, each in the directory of its module and with the names of that.
    fn modules(&mut self, dump: &Value, above: &str) {
        for (module, inner) in table(dump, "modules") {
            let under = format!("{above}{module}::");
            for (name, recipe) in table(inner, "recipes") {
                let own = format!("{under}{name}");
                let name = own.replace("::", ":");
                if self.out.recipes.contains_key(&name) {
                    self.out.left.push(format!("the module `{module}`: there is a recipe `{name}` already"));
                    continue;
                }
                let doc = text(recipe, "doc").map(str::to_owned);
                let named = Recipe { doc, private: is(recipe, "private"), ..Recipe::default() };
                self.out.recipes.insert(name.clone(), named);
                self.out.called.insert(name.clone(), own);
                self.out.handed.push((name, format!("it is of the module `{module}`")));
            }
            self.modules(inner, &under);
        }
    }

    fn assignments(&mut self) {
        // Each may speak of others, in any order; a circle is refused by `just` itself.
        let mut open: Vec<(&String, &Value)> = table(self.dump, "assignments").collect();
        while !open.is_empty() {
            let count = open.len();
            open.retain(|(variable, assignment)| {
                let mut speaks = Vec::new();
                spoken_of(&assignment["value"], &mut speaks);
                if speaks.iter().any(|other| !self.names.contains_key(other.as_str())) {
                    return true;
                }
                let pieces = self.assignment(variable, &assignment["value"]);
                if let Err(reason) = &pieces {
                    self.out.left.push(format!("the variable `{variable}`: {reason}"));
                }
                self.names.insert(variable, pieces);
                false
            });
            if open.len() == count {
                self.out.left.extend(
                    open.iter().map(|(variable, _)| {
                        format!("the variable `{variable}`: it speaks of what is not in the file")
                    }),
                );
                break;
            }
        }
    }

    fn assignment(&mut self, variable: &str, value: &Value) -> Pieces {
        if let Some(reason) = refuse_variable(&variable.replace('-', "_")) {
            return match self.pieces(value, &[]).ok().filter(|pieces| constant(pieces).is_some()) {
                Some(pieces) => Ok(pieces),
                None => Err(reason),
            };
        }
        let parts: Vec<&str> =
            value.as_array().into_iter().flatten().map(|part| part.as_str().unwrap_or_default()).collect();
        let declared = match parts.as_slice() {
            ["evaluate", command] => {
                FullVariable { run: Some(Command::Script((*command).to_owned())), ..FullVariable::default() }
            }
            ["call", "env" | "env_var", env] => {
                FullVariable { env: Some((*env).to_owned()), ..FullVariable::default() }
            }
            ["call", "env" | "env_var_or_default", env, default] => FullVariable {
                env: Some((*env).to_owned()),
                default: Some(Scalar::Text((*default).to_owned())),
                ..FullVariable::default()
            },
            _ => {
                let pieces = self.pieces(value, &[])?;
                let Some(text) = constant(&pieces) else { return Ok(pieces) };
                let held = held(&text);
                self.out.vars.insert(variable.to_owned(), Variable::Plain(Scalar::Text(text)));
                return Ok(vec![named(variable, held)]);
            }
        };
        self.out.vars.insert(variable.to_owned(), Variable::Full(declared));
        Ok(vec![named(variable, Held::Word)])
    }

    fn recipe(&self, recipe: &Value) -> Result<Recipe, String> {
        let mut made =
            Recipe { doc: text(recipe, "doc").map(str::to_owned), private: is(recipe, "private"), ..Recipe::default() };
        let params = self.parameters(recipe, &mut made)?;
        let is_parallel = Self::attributes(recipe, &mut made)?;
        let settings = &self.dump["settings"];
        if is(settings, "dotenv_load") {
            made.dotenv = Some(Dotenv::Layers(true));
        }
        if let (Some(dir), None) = (text(settings, "working_directory"), &made.dir) {
            made.dir = Some(dir.to_owned());
        }
        let priors = usize::try_from(recipe["priors"].as_u64().unwrap_or_default()).unwrap_or_default();
        for (at, dependency) in list(recipe, "dependencies").iter().enumerate() {
            let need = self.need(dependency, &params)?;
            if at < priors { made.needs.push(need) } else { made.after.push(need) }
        }
        made.ordered = made.needs.len() > 1 && !is_parallel;
        if is(recipe, "shebang") {
            self.script(recipe, &params, &mut made)?;
        } else {
            self.lines(recipe, &params, &mut made)?;
        }
        if made.run.is_none() && made.needs.is_empty() && made.after.is_empty() {
            made.run = Some(Run::Script("true".to_owned()));
        }
        let own = text(recipe, "name").unwrap_or_default();
        if made.needs.iter().chain(&made.after).any(|need| needed(need) == own) {
            return Err("it needs itself".to_owned());
        }
        Ok(made)
    }

    fn parameters(&self, recipe: &Value, made: &mut Recipe) -> Result<Vec<(String, Held)>, String> {
        let mut known = Vec::new();
        let all = list(recipe, "parameters");
        for parameter in all {
            let own = text(parameter, "name").unwrap_or_default().to_owned();
            let mut full = FullParameter {
                name: own.clone(),
                doc: text(parameter, "help").map(str::to_owned),
                ..FullParameter::default()
            };
            let mut kind = Held::Word;
            let is_variadic = matches!(text(parameter, "kind"), Some("plus" | "star"));
            if let Some(default) = parameter.get("default").filter(|default| !default.is_null()) {
                let pieces = self.pieces(default, &known)?;
                let value = self.constant_of(&pieces);
                let value = value.ok_or_else(|| format!("the default of `{own}` is known only when it runs"))?;
                kind = if value.is_empty() { Held::Words } else { held(&value) };
                full.default = Some(Scalar::Text(value));
            }
            if is_variadic {
                full.variadic = true;
                full.at_least = (text(parameter, "kind") == Some("plus") && full.default.is_none()).then_some(1);
                kind = Held::Many { is_alone: all.len() == 1 };
            }
            if is(parameter, "multiple") || parameter.get("value").is_some_and(|value| !value.is_null()) {
                return Err(format!("`{own}` is an option of a kind that prodev does not have"));
            }
            if parameter.get("long").is_some_and(Value::is_string)
                || parameter.get("short").is_some_and(Value::is_string)
            {
                if text(parameter, "long").is_none_or(|long| long != own) {
                    return Err(format!("the option for `{own}` has another name"));
                }
                full.short = text(parameter, "short").map(str::to_owned);
                full.option = true;
                full.required = full.default.is_none();
            }
            if let Some(pattern) = parameter.get("pattern").filter(|pattern| !pattern.is_null()) {
                let pattern = pattern.as_str().or_else(|| pattern.get(0).and_then(Value::as_str)).unwrap_or_default();
                full.pattern =
                    Some(serde_json::from_value::<Pattern>(pattern.into()).map_err(|error| error.to_string())?);
            }
            known.push((own.clone(), kind));
            let is_bare = full == FullParameter { name: own.clone(), ..FullParameter::default() };
            made.params.push(if is_bare { Parameter::Name(own) } else { Parameter::Full(Box::new(full)) });
        }
        Ok(known)
    }

    /// What pieces are that are constants of `[vars]`.
    fn constant_of(&self, pieces: &[Piece]) -> Option<String> {
        let texts = pieces.iter().map(|piece| match piece {
            Piece::Text(text) => Some(text.clone()),
            Piece::Name { name, .. } => match self.out.vars.get(name) {
                Some(Variable::Plain(value)) => Some(value.to_string()),
                _ => None,
            },
        });
        texts.collect()
    }

    /// Takes over the attributes, and says whether the needs run side by side.
    fn attributes(recipe: &Value, made: &mut Recipe) -> Result<bool, String> {
        let mut is_parallel = false;
        let mut systems = Vec::new();
        for attribute in list(recipe, "attributes") {
            if let Some(word) = attribute.as_str() {
                match word {
                    "private"
                    | "positional-arguments"
                    | "no-exit-message"
                    | "exit-message"
                    | "no-quiet"
                    | "default" => {}
                    "confirm" => made.confirm = Some(Confirm::Plain(true)),
                    "parallel" => is_parallel = true,
                    "linux" => systems.push(System::Linux),
                    "macos" => systems.push(System::Macos),
                    "unix" => systems.push(System::Unix),
                    "windows" => systems.push(System::Windows),
                    other => return Err(format!("`[{other}]`")),
                }
                continue;
            }
            for (key, value) in attribute.as_object().into_iter().flatten() {
                match (key.as_str(), value) {
                    ("group", Value::String(group)) => made.group = Some(group.clone()),
                    ("doc", Value::String(doc)) => made.doc = Some(doc.clone()),
                    ("working-directory", Value::String(dir)) => made.dir = Some(dir.clone()),
                    ("confirm", Value::String(question)) => made.confirm = Some(Confirm::Question(question.clone())),
                    ("arg" | "doc", _) => {}
                    (other, _) => return Err(format!("`[{other}]`")),
                }
            }
        }
        if !systems.is_empty() {
            let conditions = Conditions { os: OneOrMany::Many(systems), ..Conditions::default() };
            made.when = Some(Box::new(When::Conditions(conditions)));
        }
        Ok(is_parallel)
    }

    fn need(&self, dependency: &Value, params: &[(String, Held)]) -> Result<Need, String> {
        let recipe = text(dependency, "recipe").unwrap_or_default().to_owned();
        if recipe.contains("::") && list(dependency, "arguments").is_empty() {
            return Ok(Need::Name(recipe.replace("::", ":")));
        }
        if recipe.contains("::") || dependency.get("star").is_some_and(|star| !star.is_null()) {
            return Err(format!("how it needs `{recipe}`"));
        }
        let mut with: Map<OneOrMany<Scalar>> = Map::new();
        let targets = list(&self.dump["recipes"][&recipe], "parameters");
        let mut arguments = list(dependency, "arguments").iter();
        for target in targets {
            let is_variadic = matches!(text(target, "kind"), Some("plus" | "star"));
            let mut values = Vec::new();
            for argument in arguments.by_ref() {
                let mut value = String::new();
                for piece in self.pieces(argument, params)? {
                    match piece {
                        Piece::Text(text) => value.push_str(&text),
                        Piece::Name { held: Held::Environment(_) | Held::Many { .. }, name } => {
                            return Err(format!("`{name}` for `{recipe}`"));
                        }
                        Piece::Name { name, .. } => value.push_str(&reference(&name)),
                    }
                }
                values.push(Scalar::Text(value));
                if !is_variadic {
                    break;
                }
            }
            if values.is_empty() {
                break;
            }
            let value = if is_variadic { OneOrMany::Many(values) } else { OneOrMany::One(values.remove(0)) };
            with.insert(text(target, "name").unwrap_or_default().to_owned(), value);
        }
        Ok(if with.is_empty() { Need::Name(recipe) } else { Need::Call(Call { recipe, with }) })
    }

    fn body(&self, recipe: &Value, params: &[(String, Held)]) -> Result<Vec<Vec<Piece>>, String> {
        let line = |line: &Value| {
            let mut pieces = Vec::new();
            for fragment in line.as_array().into_iter().flatten() {
                match fragment.as_array() {
                    None => pieces.push(Piece::text(fragment.as_str().unwrap_or_default())),
                    Some(expression) => {
                        for part in expression {
                            pieces.extend(self.pieces(part, params)?);
                        }
                    }
                }
            }
            Ok(pieces)
        };
        list(recipe, "body").iter().map(line).collect()
    }

    fn lines(&self, recipe: &Value, params: &[(String, Held)], made: &mut Recipe) -> Result<(), String> {
        let mut found = Vec::new();
        let mut open: Vec<Piece> = Vec::new();
        for mut pieces in self.body(recipe, params)? {
            if let Some(Piece::Text(first)) = pieces.first_mut().filter(|_| !open.is_empty()) {
                // Lines that go on are joined, and lose their indentation.
                *first = first.trim_start().to_owned();
            }
            let goes_on = matches!(pieces.last(), Some(Piece::Text(text)) if text.ends_with('\\'));
            if let Some(Piece::Text(last)) = pieces.last_mut().filter(|_| goes_on) {
                last.pop();
            }
            open.extend(pieces);
            if !goes_on {
                found.push(self.line(std::mem::take(&mut open))?);
            }
        }
        let shell = &self.dump["settings"]["shell"];
        let shell = match text(shell, "command") {
            Some(program) => {
                let flags: Vec<String> =
                    list(shell, "arguments").iter().filter_map(Value::as_str).map(str::to_owned).collect();
                Foreign::named(program, &flags)
            }
            None => Foreign::of(&["sh", "-u"]),
        };
        lines::give(made, found, &shell);
        Ok(())
    }

    fn line(&self, mut pieces: Vec<Piece>) -> Result<Line, String> {
        let mut ignores = false;
        if let Some(Piece::Text(first)) = pieces.first_mut() {
            let rest = first.trim_start_matches(['@', '-']);
            ignores = first[..first.len() - rest.len()].contains('-');
            *first = rest.to_owned();
        }
        // A call of another recipe stays one.
        if let Some(Piece::Text(first)) = pieces.first_mut() {
            let rest = first.strip_prefix("just ").map(str::to_owned);
            let is_here = rest.as_ref().is_some_and(|rest| {
                let word = rest.split_whitespace().next().unwrap_or_default();
                matches!(word, "--list" | "-l") || self.dump["recipes"].get(word).is_some()
            });
            if let (Some(rest), true) = (rest, is_here) {
                *first = format!("prodev run {rest}");
            }
        }
        Ok(Line { text: carry(&pieces)?, ignores })
    }

    fn script(&self, recipe: &Value, params: &[(String, Held)], made: &mut Recipe) -> Result<(), String> {
        let mut body = self.body(recipe, params)?;
        let first = if body.is_empty() { Vec::new() } else { body.remove(0) };
        let first = constant(&first).ok_or("a name in its `#!`")?;
        let mut words: Vec<String> = first.trim_start_matches("#!").split_whitespace().map(str::to_owned).collect();
        if words.first().is_some_and(|word| word.ends_with("/env")) {
            words.remove(0);
            if words.first().is_some_and(|word| word == "-S") {
                words.remove(0);
            }
        }
        let program = words.first().ok_or("its `#!` names nothing")?.rsplit('/').next().unwrap_or_default().to_owned();
        let is_posix = matches!(program.as_str(), "sh" | "bash" | "dash" | "ash" | "ksh" | "zsh");
        let mut all = Vec::new();
        for pieces in body {
            if !is_posix && pieces.iter().any(|piece| matches!(piece, Piece::Name { .. })) {
                return Err(format!(
                    "a value in a text for `{program}`: it can read the environment variable of that name"
                ));
            }
            all.extend(pieces);
            all.push(Piece::text("\n"));
        }
        made.run = Some(Run::Script(if is_posix { carry(&all)? } else { constant(&all).unwrap_or_default() }));
        made.shell = Some(OneOrMany::Many(words));
        Ok(())
    }
}
