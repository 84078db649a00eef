//! Rust and Go: macros, functions of the standard libraries, and what well-known libraries read off attributes and tags.

use super::reads::{Code, Read, Way, is_loud, is_name};

pub(super) fn rust(code: &Code) -> Vec<Read> {
    let mut found = Vec::new();
    let is_imported = code.has("env : : var ;") || code.has("env : : { var");
    for index in 0..code.len() {
        for shape in ["env ! ( $", "option_env ! ( $"] {
            if let Some(behind) = code.shape(index, shape) {
                push(code, behind - 1, Way::Read, None, &mut found);
            }
        }
        for (shape, way) in [
            ("env : : var ( $", Way::Read),
            ("env : : var_os ( $", Way::Read),
            ("env : : set_var ( $", Way::Set),
            ("env : : remove_var ( $", Way::Set),
        ] {
            if let Some(behind) = code.shape(index, shape) {
                push(code, behind - 1, way, fallback(code, behind), &mut found);
            }
        }
        let is_bare = is_imported && !(index > 0 && (code.is_sign(index - 1, b':') || code.is_sign(index - 1, b'.')));
        if let Some(behind) = is_bare.then(|| code.shape(index, "var ( $")).flatten() {
            push(code, behind - 1, Way::Read, fallback(code, behind), &mut found);
        }
        // clap's attribute.
        if let Some(behind) =
            code.shape(index, "arg (").filter(|_| index >= 2 && code.shape(index - 2, "# [").is_some())
        {
            attribute(code, behind, &mut found);
        }
    }
    found
}

/// `.unwrap_or("x".into())` and `.unwrap_or_else(|_| "x".to_string())` behind a call.
fn fallback(code: &Code, behind: usize) -> Option<String> {
    let text = code
        .shape(behind, ") . unwrap_or (")
        .or_else(|| code.shape(behind, ") . unwrap_or_else ( | _ |"))
        .filter(|at| code.is_sign(at + 1, b'.'))?;
    code.text(text).map(str::to_owned)
}

fn attribute(code: &Code, index: usize, found: &mut Vec<Read>) {
    let arguments = code.arguments(index);
    let value = |key: &str| {
        arguments.iter().find_map(|start| code.shape(*start, &format!("{key} = $"))).map(|behind| behind - 1)
    };
    if let Some(at) = value("env") {
        let default = value("default_value").and_then(|at| code.text(at)).map(str::to_owned);
        push(code, at, Way::Read, default, found);
    }
}

pub(super) fn go(code: &Code) -> Vec<Read> {
    let mut found = Vec::new();
    for index in 0..code.len() {
        for (shape, way) in [
            ("os . Getenv ( $", Way::Read),
            ("os . LookupEnv ( $", Way::Read),
            ("syscall . Getenv ( $", Way::Read),
            ("os . Setenv ( $", Way::Set),
            ("os . Unsetenv ( $", Way::Set),
            ("t . Setenv ( $", Way::Set),
        ] {
            if let Some(behind) = code.shape(index, shape) {
                push(code, behind - 1, way, None, &mut found);
            }
        }
        if let Some(behind) = code.shape(index, "viper . BindEnv ( $") {
            for argument in code.arguments(behind - 1).into_iter().skip(1) {
                push(code, argument, Way::Read, None, &mut found);
            }
        }
        if let Some(text) = code.text(index) {
            tag(text, code.at(index), &mut found);
        }
    }
    found
}

/// The tag of a struct's field: `env:"PORT" envDefault:"8080"`.
fn tag(text: &str, at: usize, found: &mut Vec<Read>) {
    let value = |key: &str| {
        let (_, behind) = text.split_once(&format!("{key}:\""))?;
        behind.split_once('"').map(|(value, _)| value)
    };
    let Some(name) = value("env").or_else(|| value("envconfig")) else { return };
    let name = name.split(',').next().unwrap_or_default();
    if is_loud(name) {
        let default =
            value("envDefault").or_else(|| value("default")).or_else(|| value("env-default")).map(str::to_owned);
        found.push(Read { name: name.to_owned(), at, way: Way::Read, default });
    }
}

fn push(code: &Code, index: usize, way: Way, default: Option<String>, found: &mut Vec<Read>) {
    if let Some(name) = code.text(index).filter(|name| is_name(name)) {
        found.push(Read {
            name: name.to_owned(),
            at: code.at(index),
            way,
            default: default.filter(|_| way == Way::Read),
        });
    }
}
