//! A file replaced: what stays, what is refused, and many writers at once.

use std::os::unix::fs::symlink;
use std::path::PathBuf;

use super::*;
use crate::plan::{Plan, Step};
use crate::ui::Volume;

fn ui() -> Ui {
    Ui::new(Volume::Quiet, true, false)
}

/// A folder with a file `f` in it.
fn with_file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f");
    fs::write(&path, text).unwrap();
    (folder, path)
}

fn change(path: &Path, text: &str) -> anyhow::Result<()> {
    change_with(path, text, Protected::Respect)
}

fn change_with(path: &Path, text: &str, protected: Protected) -> anyhow::Result<()> {
    let original = Original::take(path, "f")?;
    let step = Replacement::new(&original, text.into(), Privacy::Private, protected)?;
    Plan::new(step.map(Step::Replace)).apply(&ui())
}

fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn mode_attributes_and_links_stay() {
    let (folder, path) = with_file("old");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
    let attribute = rustix::fs::setxattr(&path, "user.note", b"kept", XattrFlags::empty());
    fs::create_dir(folder.path().join("sub")).unwrap();
    let link = folder.path().join("sub/link");
    symlink("../f", &link).unwrap();
    change(&link, "new").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    assert_eq!(fs::read_link(&link).unwrap(), PathBuf::from("../f"));
    assert_eq!(path.metadata().unwrap().mode() & 0o7777, 0o640);
    if attribute.is_ok() {
        let mut value = [0; 8];
        assert_eq!(rustix::fs::getxattr(&path, "user.note", &mut value), Ok(4));
        assert_eq!(&value[..4], b"kept");
    }
    assert_eq!(names(folder.path()), ["f", "sub"]);
}

#[test]
fn a_new_file_is_private_also_at_the_end_of_a_link() {
    let (folder, _) = with_file("");
    let link = folder.path().join("link");
    symlink("there", &link).unwrap();
    change(&link, "secret").unwrap();
    let there = folder.path().join("there");
    assert_eq!(there.metadata().unwrap().mode() & 0o7777, 0o600);
    assert!(link.symlink_metadata().unwrap().is_symlink());
}

#[test]
fn the_same_bytes_are_no_change() {
    let (_folder, path) = with_file("same");
    let before = path.metadata().unwrap();
    change(&path, "same").unwrap();
    assert_eq!(path.metadata().unwrap().ino(), before.ino());
}

#[test]
fn a_read_only_file_is_refused_unless_forced() {
    let (_folder, path) = with_file("old");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    assert_eq!(change(&path, "new").unwrap_err().to_string(), "`f` is read-only");
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    change_with(&path, "new", Protected::Force).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "new");
    assert_eq!(path.metadata().unwrap().mode() & 0o7777, 0o444);
}

#[test]
fn what_is_no_file_is_refused() {
    let (folder, path) = with_file("");
    assert!(change(folder.path(), "new").is_err());
    let pipe = folder.path().join("pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::from_bits_truncate(0o600),
        0,
    )
    .unwrap();
    assert!(format!("{:#}", change(&pipe, "new").unwrap_err()).ends_with("it is no file"));
    let circle = folder.path().join("circle");
    symlink("circle", &circle).unwrap();
    assert!(change(&circle, "new").is_err());
    assert!(change(&path.join("below"), "new").is_err());
}

#[test]
fn another_name_is_told() {
    let (folder, path) = with_file("old");
    fs::hard_link(&path, folder.path().join("other")).unwrap();
    let original = Original::take(&path, "f").unwrap();
    let step = Replacement::new(&original, b"new".to_vec(), Privacy::Private, Protected::Respect).unwrap();
    let plan = Plan::new(step.map(Step::Replace));
    assert_eq!(plan.warnings(), ["`f` has one other name, which keeps the old content"]);
}

#[test]
fn a_change_from_outside_is_noticed() {
    let (_folder, path) = with_file("old");
    let original = Original::take(&path, "f").unwrap();
    let step = Replacement::new(&original, b"new".to_vec(), Privacy::Private, Protected::Respect).unwrap();
    fs::write(&path, "editor").unwrap();
    let failed = Plan::new(step.map(Step::Replace)).apply(&ui()).unwrap_err();
    assert_eq!(failed.to_string(), "`f` changed while prodev was working");
    assert_eq!(fs::read_to_string(&path).unwrap(), "editor");
}

#[test]
fn drafts_of_killed_runs_are_swept_and_nothing_else() {
    let (folder, path) = with_file("old");
    for name in
        ["f.prodev-0123456789abcdef", "other.prodev-fedcba9876543210", "f.prodev-0123", ".prodev-0123456789abcdef"]
    {
        fs::write(folder.path().join(name), "stray").unwrap();
    }
    change(&path, "new").unwrap();
    assert_eq!(names(folder.path()), [".prodev-0123456789abcdef", "f", "f.prodev-0123"]);
}

#[test]
fn of_many_writers_none_is_lost() {
    let (folder, path) = with_file("");
    let start = std::sync::Barrier::new(50);
    std::thread::scope(|scope| {
        for number in 0..50 {
            let (path, start) = (&path, &start);
            scope.spawn(move || {
                start.wait();
                let original = Original::take(path, "f").unwrap();
                let mut bytes = original.bytes().unwrap().to_vec();
                bytes.extend(format!("{number}\n").bytes());
                let step = Replacement::new(&original, bytes, Privacy::Private, Protected::Respect).unwrap();
                Plan::new(step.map(Step::Replace)).apply(&ui()).unwrap();
            });
        }
    });
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 50);
    assert_eq!(names(folder.path()), ["f"]);
}

#[test]
fn files_in_several_folders_are_locked_together() {
    let (folder, path) = with_file("1");
    fs::create_dir(folder.path().join("sub")).unwrap();
    let inner = folder.path().join("sub/g");
    let files = [(inner.clone(), "g".to_owned()), (path.clone(), "f".to_owned())];
    std::thread::scope(|scope| {
        for order in [[0, 1], [1, 0]] {
            let files = order.map(|index| files[index].clone());
            scope.spawn(move || {
                for _ in 0..20 {
                    let taken = Original::take_all(&files).unwrap();
                    assert_eq!(taken.len(), 2);
                }
            });
        }
    });
    let taken = Original::take_all(&files).unwrap();
    assert_eq!((taken[0].bytes(), taken[1].bytes()), (None, Some(b"1".as_slice())));
}
