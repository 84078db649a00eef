//! A commit, as it is stored: headers and a message. Both backends read it from the same bytes.

use super::id::Id;

/// A commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Commit {
    pub(crate) id: Id,
    pub(crate) tree: Id,
    /// The first is the branch that it was made on.
    pub(crate) parents: Vec<Id>,
    pub(crate) author: Person,
    pub(crate) committer: Person,
    /// Whether it carries a signature, good or not.
    pub(crate) is_signed: bool,
    /// As it is stored, in UTF-8.
    pub(crate) message: String,
}

/// Who, and when.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) name: String,
    pub(crate) mail: String,
    /// Seconds since 1970.
    pub(crate) time: i64,
}

impl Commit {
    /// Reads what `git cat-file commit` prints; `None` where that is none.
    pub(super) fn parse(id: Id, bytes: &[u8]) -> Option<Self> {
        let mut headers = Headers(bytes);
        let mut commit = Self {
            id,
            tree: id,
            parents: Vec::new(),
            author: Person::default(),
            committer: Person::default(),
            is_signed: false,
            message: String::new(),
        };
        let (mut encoding, mut has_tree) = (None, false);
        for (key, value) in headers.by_ref() {
            match key {
                b"tree" => (commit.tree, has_tree) = (Id::parse(value)?, true),
                b"parent" => commit.parents.push(Id::parse(value)?),
                b"author" => commit.author = Person::parse(value),
                b"committer" => commit.committer = Person::parse(value),
                b"gpgsig" | b"gpgsig-sha256" => commit.is_signed = true,
                b"encoding" => encoding = Some(value),
                _ => {}
            }
        }
        commit.message = decoded(headers.0, encoding);
        has_tree.then_some(commit)
    }

    /// Parents and the committer's time alone, for walks over many commits.
    pub(super) fn links(bytes: &[u8]) -> Option<(Vec<Id>, i64)> {
        let mut parents = Vec::new();
        for (key, value) in Headers(bytes) {
            match key {
                b"parent" => parents.push(Id::parse(value)?),
                b"committer" => return Some((parents, time(value))),
                _ => {}
            }
        }
        None
    }

    /// The first line of the message.
    pub(crate) fn subject(&self) -> &str {
        self.message.trim_start().lines().next().unwrap_or_default().trim_end()
    }

    pub(crate) fn is_merge(&self) -> bool {
        self.parents.len() > 1
    }
}

/// The headers of an object; what is left is its message.
struct Headers<'a>(&'a [u8]);

impl<'a> Iterator for Headers<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let end = self.0.iter().position(|byte| *byte == b'\n').unwrap_or(self.0.len());
            let line = &self.0[..end];
            self.0 = self.0.get(end + 1..).unwrap_or_default();
            if line.is_empty() {
                return None;
            }
            // A line that begins with a space belongs to the one above: signatures have many.
            if line[0] == b' ' {
                continue;
            }
            let space = line.iter().position(|byte| *byte == b' ').unwrap_or(line.len());
            return Some((&line[..space], line.get(space + 1..).unwrap_or_default()));
        }
    }
}

impl Person {
    /// `Name <mail> 1700000000 +0100`. Old tools have written worse; what cannot be read is left empty.
    fn parse(line: &[u8]) -> Self {
        let text = String::from_utf8_lossy(line);
        let (name, rest) = text.split_once('<').unwrap_or((&text, ""));
        let (mail, _) = rest.rsplit_once('>').unwrap_or((rest, ""));
        Self { name: name.trim().to_owned(), mail: mail.trim().to_owned(), time: time(line) }
    }
}

fn time(line: &[u8]) -> i64 {
    let end = line.iter().rposition(|byte| *byte == b'>').map_or(0, |at| at + 1);
    let text = std::str::from_utf8(&line[end..]).unwrap_or_default();
    text.split_whitespace().next().and_then(|seconds| seconds.parse().ok()).unwrap_or_default()
}

/// Messages are in UTF-8 unless a header says otherwise. Of the others only Latin-1 can be read without tables.
fn decoded(bytes: &[u8], encoding: Option<&[u8]>) -> String {
    let encoding = encoding.map(<[u8]>::to_ascii_lowercase);
    match encoding.as_deref() {
        Some(b"iso-8859-1" | b"iso8859-1" | b"latin1" | b"latin-1") => bytes.iter().copied().map(char::from).collect(),
        _ => String::from_utf8_lossy(bytes).into_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef01234567";

    fn parse(text: &[u8]) -> Option<Commit> {
        Commit::parse(Id::parse(ID.as_bytes()).unwrap(), text)
    }

    #[test]
    fn a_commit_has_parents_people_and_a_message() {
        let text = format!(
            "tree {ID}\nparent {ID}\nparent {ID}\nauthor A <B> C <a@b> 1700000000 +0100\ncommitter  <> 5 +0000\n\
             gpgsig -----BEGIN\n \n author X <x> 1 +0\n -----END\nx-other 1\n\n\nfix: one\n\ngpgsig no\n"
        );
        let commit = parse(text.as_bytes()).unwrap();
        assert_eq!((commit.parents.len(), commit.is_merge(), commit.is_signed), (2, true, true));
        assert_eq!((commit.author.name.as_str(), commit.author.time), ("A", 1_700_000_000));
        assert_eq!(commit.committer, Person { time: 5, ..Person::default() });
        assert_eq!(commit.message, "\nfix: one\n\ngpgsig no\n");
        assert_eq!(commit.subject(), "fix: one");
        assert_eq!(Commit::links(text.as_bytes()).unwrap(), (commit.parents, 5));
    }

    #[test]
    fn other_encodings_are_read_as_far_as_they_can_be() {
        let text = |encoding: &str| [format!("tree {ID}\nencoding {encoding}\n\n").as_bytes(), b"caf\xe9"].concat();
        assert_eq!(parse(&text("ISO-8859-1")).unwrap().message, "café");
        assert_eq!(parse(&text("koi8-r")).unwrap().message, "caf\u{fffd}");
    }

    #[test]
    fn what_is_no_commit_is_none() {
        for text in [&b""[..], b"\n\n", b"tree xyz\n\n", b"object 1\ntype commit\n\nv1\n"] {
            assert_eq!(parse(text), None);
        }
    }
}
