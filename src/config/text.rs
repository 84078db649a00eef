//! The text of a configuration file: of bounded size, in UTF-8, without a byte order mark, written by somebody who may.

use std::fs::{File, Metadata};
use std::io::{ErrorKind, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use super::lines::Lines;
use crate::error::{Exit, Failure, fail};

/// The largest file that is read, in bytes. A configuration of this size is a mistake, or an attack on memory.
const LARGEST: u64 = 4 * 1024 * 1024;

/// Whose files are believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Whoever wrote it: the user named it or keeps it.
    Anybody,
    /// The user who runs prodev, or root.
    UserOrRoot,
}

/// Reads the file at `path`, which the user knows as `shown`; `None` where there is none.
///
/// # Errors
/// Where it cannot be read, is no regular file, is larger than 4 MiB, is not UTF-8, or belongs to somebody else (then exit 4).
pub(super) fn read(path: &Path, shown: &str, owner: Owner) -> Result<Option<String>, Failure> {
    let unreadable = |error: &std::io::Error| {
        fail(format!("could not read `{shown}`"))
            .cause(error.to_string())
            .exit(Exit::Usage)
            .hint(format!("see who may read it with `ls -l {shown}`"))
    };
    // What is no regular file is told apart before it is opened: opening a FIFO would wait for a writer.
    let found = match std::fs::metadata(path) {
        Ok(found) => found,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(None),
        Err(error) => return Err(unreadable(&error)),
    };
    if !found.is_file() {
        let what = if found.is_dir() { "a directory" } else { "no regular file" };
        return Err(fail(format!("`{shown}` is {what}")).exit(Exit::Usage).hint("a configuration is a text file"));
    }
    let mut file = File::open(path).map_err(|error| unreadable(&error))?;
    let meta = file.metadata().map_err(|error| unreadable(&error))?;
    if owner == Owner::UserOrRoot {
        check_owner(&meta, shown, rustix::process::geteuid().as_raw())?;
    }
    let mut bytes = Vec::new();
    file.by_ref().take(LARGEST + 1).read_to_end(&mut bytes).map_err(|error| unreadable(&error))?;
    if bytes.len() as u64 > LARGEST {
        return Err(fail(format!("`{shown}` is larger than 4 MiB"))
            .exit(Exit::Usage)
            .hint("a configuration is a short text; is this the right file?"));
    }
    decode(bytes, shown).map(Some)
}

/// Whether `owner` of the file is one whose file the `user` may follow.
pub(super) fn is_trusted(owner: u32, user: u32) -> bool {
    owner == user || owner == 0
}

fn check_owner(meta: &Metadata, shown: &str, user: u32) -> Result<(), Failure> {
    if is_trusted(meta.uid(), user) {
        return Ok(());
    }
    Err(fail(format!("`{shown}` belongs to another user (uid {})", meta.uid()))
        .exit(Exit::Refused)
        .hint(format!("read it, and where you trust it name it: `--config {shown}`")))
}

fn decode(bytes: Vec<u8>, shown: &str) -> Result<String, Failure> {
    match String::from_utf8(bytes) {
        // A byte order mark would shift the columns of the first line.
        Ok(text) => Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text)),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            let bytes = error.into_bytes();
            let before = String::from_utf8_lossy(&bytes[..at]).trim_start_matches('\u{feff}').to_owned();
            let start = before.len();
            // What follows tells whether it stands among secrets.
            let text = before + &String::from_utf8_lossy(&bytes[at..]);
            let (is_utf16, place) = (
                bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]),
                Lines::of_broken(shown, &text).place(&(start..start + 1)),
            );
            let failure = fail(format!("`{shown}` is not UTF-8")).exit(Exit::Usage).at(place);
            Err(failure.hint(if is_utf16 {
                format!("it looks like UTF-16: convert it with `iconv -f UTF-16 -t UTF-8 {shown}`")
            } else {
                "save it as UTF-8".to_owned()
            }))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_is_taken_off() {
        assert_eq!(decode(b"\xef\xbb\xbfa = 1".to_vec(), "f").expect("this is UTF-8"), "a = 1");
    }

    #[test]
    fn what_is_not_utf8_is_told_with_its_place() {
        let failure = decode(b"a = 1\nb = '\xe4'\n".to_vec(), "f").expect_err("this is Latin-1");
        let place = failure.place.expect("the place is known");
        assert_eq!((place.line, place.column), (2, 6));
        assert_eq!(place.text, "b = '\u{fffd}'");
        let failure = decode(b"\xff\xfea\0".to_vec(), "f").expect_err("this is UTF-16");
        assert!(failure.hints[0].contains("UTF-16"), "{failure:?}");
    }

    #[test]
    fn only_the_user_and_root_are_believed() {
        for (owner, user, trusted) in [(1000, 1000, true), (0, 1000, true), (1001, 1000, false), (1000, 0, false)] {
            assert_eq!(is_trusted(owner, user), trusted, "{owner} {user}");
        }
    }

    #[test]
    fn size_and_kind_have_limits() {
        let folder = tempfile::tempdir().expect("there is a temporary directory");
        let failure = read(folder.path(), "x", Owner::Anybody).expect_err("a directory is no file");
        assert_eq!(failure.message, "`x` is a directory");
        let path = folder.path().join("large");
        File::create(&path).and_then(|file| file.set_len(LARGEST + 1)).expect("a sparse file can be made");
        let failure = read(&path, "large", Owner::Anybody).expect_err("it is too large");
        assert_eq!(failure.message, "`large` is larger than 4 MiB");
        assert_eq!(read(&folder.path().join("none"), "none", Owner::Anybody), Ok(None));
    }
}
