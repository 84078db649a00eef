//! The trailers of a message: which of its last lines Git takes for `Token: value`.
//! <https://git-scm.com/docs/git-interpret-trailers>

/// A trailer, and the index of the line that it begins in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trailer {
    pub(super) line: usize,
    pub(super) token: String,
    /// Lines that go on with it are joined by a space.
    pub(super) value: String,
}

/// Where the trailers begin, and what they are. `lines` are those of a clean message, the first line among them.
pub(super) fn find(lines: &[&str]) -> (usize, Vec<Trailer>) {
    let none = (lines.len(), Vec::new());
    // The last paragraph, if it is not the first one.
    let Some(start) = lines.iter().rposition(|line| line.trim().is_empty()).map(|at| at + 1) else { return none };
    if lines[..start].iter().all(|line| line.trim().is_empty()) {
        return none;
    }
    let mut trailers: Vec<Trailer> = Vec::new();
    let (mut ours, mut others, mut from_git) = (0, 0, false);
    for (index, line) in lines.iter().enumerate().skip(start) {
        if line.starts_with([' ', '\t']) {
            match trailers.last_mut() {
                Some(trailer) if others == 0 || ours > 0 => {
                    trailer.value.push(' ');
                    trailer.value.push_str(line.trim());
                }
                _ => others += 1,
            }
            continue;
        }
        from_git |= line.starts_with("Signed-off-by: ") || line.starts_with("(cherry picked from commit ");
        if line.starts_with("(cherry picked from commit ") {
            ours += 1;
        } else if let Some((token, value)) = split(line) {
            ours += 1;
            trailers.push(Trailer { line: index, token: token.to_owned(), value: value.to_owned() });
        } else {
            others += 1;
        }
    }
    // Something else may stand among them where Git itself has written one of them, and they are at least a quarter.
    let is_block = ours > 0 && (others == 0 || (from_git && ours * 3 >= others));
    if is_block { (start, trailers) } else { none }
}

/// Token and value of a line.
fn split(line: &str) -> Option<(&str, &str)> {
    let (token, value) = line.split_once(':')?;
    let token = token.trim_end_matches([' ', '\t']);
    let is_token = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    is_token.then_some((token, value.trim()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::disallowed_methods, reason = "the test asks Git itself")]

    use std::io::Write as _;
    use std::process::{Command, Stdio};

    use super::*;

    fn git(text: &str) -> String {
        let mut child = Command::new("git")
            .args(["interpret-trailers", "--parse", "--no-divider"])
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
        String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
    }

    #[test]
    fn trailers_are_those_that_git_sees() {
        let cases = [
            "fix: a\n",
            "Fix: a\n\nReviewed-by: B <b@x>\n",
            "fix: a\n\nbody\n\nReviewed-by: B\nSigned-off-by: C <c@x>\n",
            "fix: a\n\nbody text\nReviewed-by: B\n",
            "fix: a\n\nbody text\nSigned-off-by: B\n",
            "fix: a\n\none\ntwo\nthree\nfour\nSigned-off-by: B\n",
            "fix: a\n\nReviewed-by: B\n  and C\nX-Y : z\n",
            "fix: a\n\nReviewed-by: B\n\nlast words\n",
            "fix: a\n\n(cherry picked from commit 0123456)\n",
            "fix: a\n\ntext\n(cherry picked from commit 0123456)\nA: b\n",
            "fix: a\n\nsee http://example.org\n",
            "fix: a\n\nhttp://example.org\n",
            "fix: a\n\nBREAKING CHANGE: all\nRefs: #1\n",
        ];
        for text in cases {
            let lines: Vec<&str> = text.lines().collect();
            let trailers = find(&lines).1;
            let ours: Vec<String> =
                trailers.iter().map(|trailer| format!("{}: {}", trailer.token, trailer.value)).collect();
            let theirs = git(text);
            let theirs: Vec<&str> = theirs.lines().filter(|line| !line.starts_with('(')).collect();
            assert_eq!(ours, theirs, "{text}");
        }
    }
}
