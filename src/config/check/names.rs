//! What can be a name: of a recipe, a variable, a branch.

/// Why `name` cannot be a recipe's, if so. `::` parts namespaces, `:::` parts recipes, a dash begins an option, `=` an assignment.
pub(crate) fn refuse_recipe(name: &str) -> Option<&'static str> {
    if name.is_empty() {
        return Some("it is empty");
    }
    if name.contains("::") || name.starts_with(':') || name.ends_with(':') {
        return Some("`::` stands between a namespace and a name");
    }
    if !name.starts_with(|c: char| c.is_alphanumeric() || c == '_') {
        return Some("begin it with a letter, a digit or `_`");
    }
    if !name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | ':')) {
        return Some("write it with letters, digits, `_`, `-`, `.` and `:` alone");
    }
    None
}

/// Why `name` cannot be a variable that scripts see, if so.
pub(crate) fn refuse_variable(name: &str) -> Option<String> {
    let is_word = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if !is_word {
        return Some("begin it with a letter or `_`, and write it with letters, digits and `_` alone".to_owned());
    }
    is_reserved(name).then(|| format!("`{name}` already means something to shells and programs"))
}

/// Names that change how a shell, the linker or a program works, or that a shell sets itself.
fn is_reserved(name: &str) -> bool {
    const PREFIXES: [&str; 6] = ["LD_", "DYLD_", "PYTHON", "GIT_", "PRODEV_", "BASH"];
    const NAMES: [&str; 30] = [
        "PATH",
        "IFS",
        "HOME",
        "ENV",
        "CDPATH",
        "SHELL",
        "SHELLOPTS",
        "PS1",
        "PS2",
        "PS3",
        "PS4",
        "PWD",
        "OLDPWD",
        "UID",
        "EUID",
        "PPID",
        "GROUPS",
        "RANDOM",
        "SRANDOM",
        "SECONDS",
        "LINENO",
        "FUNCNAME",
        "HOSTNAME",
        "OPTARG",
        "OPTIND",
        "OPTERR",
        "REPLY",
        "PIPESTATUS",
        "PROMPT_COMMAND",
        "_",
    ];
    PREFIXES.iter().any(|prefix| name.starts_with(prefix)) || NAMES.contains(&name)
}

/// Why `name` cannot be that of an environment variable, if so.
pub(super) fn refuse_environment(name: &str) -> Option<&'static str> {
    let right = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'));
    (!right).then_some("begin it with a letter or `_`, and write it with letters, digits, `_`, `.` and `-` alone")
}

/// Why `name` cannot be (the beginning of) a branch's name, if so; as `git check-ref-format` has it.
pub(crate) fn refuse_branch(name: &str) -> Option<&'static str> {
    let forbidden = |c: char| c.is_whitespace() || c.is_control() || "~^:?*[\\".contains(c);
    if name.contains(forbidden) {
        return Some("blanks, control characters and `~^:?*[\\` cannot be in it");
    }
    if name.starts_with(['-', '/', '.']) {
        return Some("it cannot begin with `-`, `/` or `.`");
    }
    if name.contains("..") || name.contains("//") || name.contains("@{") || name.contains("/.") {
        return Some("`..`, `//`, `/.` and `@{` cannot be in it");
    }
    None
}

/// Why `name` cannot be a branch's whole name, if so.
pub(crate) fn refuse_whole_branch(name: &str) -> Option<&'static str> {
    let extension = std::path::Path::new(name).extension();
    match name {
        "" => Some("it is empty"),
        "HEAD" | "@" => Some("Git means something else by it"),
        _ if name.ends_with(['/', '.']) || extension.is_some_and(|end| end == "lock") => {
            Some("it cannot end with `/`, `.` or `.lock`")
        }
        _ => refuse_branch(name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_apart() {
        let check = |is_right: fn(&str) -> bool, right: &[&str], wrong: &[&str]| {
            assert!(right.iter().all(|name| is_right(name)), "{right:?}");
            assert!(!wrong.iter().any(|name| is_right(name)), "{wrong:?}");
        };
        check(
            |name| refuse_recipe(name).is_none(),
            &["test", "test-all", "test:unit", "ü", "2x", "a.b"],
            &["", "-x", "a::b", "a b", "a=b", "a:", ".x", "a/b"],
        );
        check(
            |name| refuse_variable(name).is_none(),
            &["path", "image", "_x", "A1"],
            &["PATH", "LD_PRELOAD", "GIT_DIR", "a-b", "1a", "", "IFS"],
        );
        check(|name| refuse_environment(name).is_none(), &["A", "a.b", "A-B"], &["", "1", "A B", "A="]);
        check(
            |name| refuse_whole_branch(name).is_none(),
            &["main", "a/b", "ä"],
            &["", "a b", "-a", "a..b", "a.lock", "a/", "HEAD", "a/.b"],
        );
    }
}
