//! Variables of Makefiles: which of them can be told without make.

use std::collections::HashMap;

use super::super::Brought;
use super::super::lines::{constant, held, named};
use super::{File, Pieces, expand};
use crate::config::check::refuse_variable;
use crate::config::value::{Command, Scalar};
use crate::config::variable::{FullVariable, Variable};
use crate::recipe::Held;

/// Why a variable is not carried over.
const WORKED_OUT: &str = "make works it out";

/// What make itself defines, so that a default for it counts for nothing.
const DEFINED: [&str; 26] = [
    "AR", "ARFLAGS", "AS", "CC", "CO", "COFLAGS", "CPP", "CTANGLE", "CWEAVE", "CXX", "F77", "FC", "GET", "LD", "LEX",
    "LINT", "M2C", "MAKEINFO", "OBJC", "PC", "RM", "TANGLE", "TEX", "TEXI2DVI", "WEAVE", "YACC",
];

impl File {
    /// Takes over the variables that are spoken of, and tells what each stands for. One counts from its last line on: what speaks of it before
    /// is left to make.
    pub(super) fn declare(&self, out: &mut Brought) -> HashMap<String, Pieces> {
        let special = ["SHELL", ".SHELLFLAGS", "MAKEFLAGS", "MAKE"];
        let own = || self.variables.iter().filter(|(name, ..)| !special.contains(&name.as_str()));
        let unknown = || Err(WORKED_OUT.to_owned());
        let mut names: HashMap<String, Pieces> = own().map(|(name, ..)| (name.clone(), unknown())).collect();
        let mut rest: HashMap<&str, usize> = HashMap::new();
        for (variable, ..) in own() {
            *rest.entry(variable).or_default() += 1;
        }
        for (variable, operator, value) in own() {
            let rest = rest.entry(variable).or_default();
            *rest -= 1;
            if *rest > 0 {
                continue;
            }
            let pieces = if self.is_known(variable) {
                Self::variable(variable, operator, value, &names, out)
            } else {
                unknown()
            };
            if let Err(reason) = &pieces {
                out.left.push(format!("the variable `{variable}`: {reason}"));
            }
            names.insert(variable.clone(), pieces);
        }
        names
    }

    /// Whether the last line of a variable says what it is, wherever the Makefile is read.
    fn is_known(&self, variable: &str) -> bool {
        let mut operators = self.variables.iter().filter(|(name, ..)| name == variable).map(|(_, it, _)| it.as_str());
        // A default is one where there is nothing yet.
        let is_first = operators.next().is_some_and(|first| match first {
            "condition" | "define" | "+" => false,
            "?" => !DEFINED.contains(&variable),
            _ => true,
        });
        is_first && operators.all(|later| !matches!(later, "condition" | "define" | "+" | "?"))
    }

    fn variable(
        variable: &str,
        operator: &str,
        value: &str,
        names: &HashMap<String, Pieces>,
        out: &mut Brought,
    ) -> Pieces {
        let refused = refuse_variable(variable);
        if operator == "?" {
            // The environment wins over it.
            let text = constant(&expand(value, None, names)?).filter(|_| refused.is_none()).ok_or(WORKED_OUT)?;
            let default = Some(Scalar::Text(text.clone()));
            let full = FullVariable { env: Some(variable.to_owned()), default, ..FullVariable::default() };
            out.vars.insert(variable.to_owned(), Variable::Full(full));
            return Ok(vec![named(variable, held(&text))]);
        }
        let command = value.strip_prefix("$(shell ").and_then(|rest| rest.strip_suffix(')'));
        if let Some(command) = command.or(Some(value).filter(|_| operator == "!")) {
            let command = constant(&expand(command, None, names)?).ok_or("a command with values in it")?;
            refused.map_or(Ok(()), Err)?;
            let full = FullVariable { run: Some(Command::Script(command)), ..FullVariable::default() };
            out.vars.insert(variable.to_owned(), Variable::Full(full));
            return Ok(vec![named(variable, Held::Word)]);
        }
        let pieces = expand(value, None, names)?;
        let Some(text) = constant(&pieces) else { return Ok(pieces) };
        if refused.is_some() {
            return Ok(pieces);
        }
        let held = held(&text);
        out.vars.insert(variable.to_owned(), Variable::Plain(Scalar::Text(text)));
        Ok(vec![named(variable, held)])
    }
}
