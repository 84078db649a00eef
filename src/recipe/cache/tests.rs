//! The situations in which a recipe must run, be skipped or be restored, each on real files.
#![allow(clippy::disallowed_methods, reason = "tests change files themselves")]

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::{Decision, Difference, Keep, Kept, Manifest, Reason, Store, Subject, Value, What};

/// A recipe that joins `src/*` into `out/all`, and what surrounds it.
struct World {
    folder: tempfile::TempDir,
    manifest: Manifest,
    outputs: Vec<&'static str>,
    keep: Keep,
    force: bool,
}

/// What a run came to.
#[derive(Debug, PartialEq)]
enum Came {
    Skipped,
    Restored,
    Ran(Reason, Option<Kept>),
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("there is a temporary directory");
        let manifest = Manifest {
            recipe: "join".to_owned(),
            command: vec!["cat src/* > out/all".to_owned()],
            ..Manifest::default()
        };
        let world = Self { folder, manifest, outputs: vec!["out/"], keep: Keep::Local, force: false };
        world.write("src/a", "A");
        world.write("src/b", "B");
        world
    }

    fn base(&self) -> &Path {
        self.folder.path()
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.base().join("work").join(path);
        fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    fn made(&self) -> Option<String> {
        fs::read_to_string(self.base().join("work/out/all")).ok()
    }

    fn remove(&self, path: &str) {
        fs::remove_file(self.base().join("work").join(path)).expect("it is there");
    }

    fn store(&self) -> Store {
        Store::at(&self.base().join("cache"))
    }

    fn decide(&self) -> Decision {
        let base = self.base().join("work");
        self.store().decide(Subject {
            manifest: self.manifest.clone(),
            base: &base,
            inputs: vec!["src/**"],
            outputs: self.outputs.clone(),
            keep: self.keep,
            force: self.force,
        })
    }

    /// Runs the recipe if it must.
    fn go(&self) -> Came {
        self.go_with(|| {}, || {}, true)
    }

    /// The same with something that happens before the recipe reads its inputs and something after; it may fail.
    fn go_with(&self, before: impl FnOnce(), after: impl FnOnce(), succeeds: bool) -> Came {
        let pending = match self.decide() {
            Decision::Always(reason) => panic!("{reason:?}"),
            Decision::Skip(_) => return Came::Skipped,
            Decision::Restore(restore) => match restore.perform() {
                Ok(hit) => {
                    assert_eq!(hit.log.as_deref(), Some(&b"joined\n"[..]));
                    return Came::Restored;
                }
                Err(pending) => pending,
            },
            Decision::Run(pending) => pending,
        };
        before();
        let mut files: Vec<_> = fs::read_dir(self.base().join("work/src"))
            .expect("readable")
            .map(|it| it.expect("readable").path())
            .collect();
        files.sort();
        let all: String = files.iter().map(|file| fs::read_to_string(file).expect("readable")).collect();
        after();
        self.write("out/all", &all);
        let reason = pending.reason().clone();
        Came::Ran(reason, succeeds.then(|| pending.keep(b"joined\n", 0.1).expect("the store can be written")))
    }

    /// The recipe ran, for this reason, and what it made was stored.
    #[track_caller]
    fn runs(&self, is_reason: impl Fn(&Reason) -> bool) {
        match self.go() {
            Came::Ran(reason, Some(Kept::Stored { .. })) if is_reason(&reason) => {}
            other => panic!("{other:?}"),
        }
    }

    #[track_caller]
    fn runs_for(&self, what: What, name: &str) {
        self.runs(|reason| matches!(reason, Reason::Changed(list) if list.iter().any(|it| it.what == what && it.name == name)));
    }

    #[track_caller]
    fn makes(&self, text: &str) {
        assert_eq!(self.made().as_deref(), Some(text));
    }
}

/// A world in which the recipe has run once.
fn ready() -> World {
    let world = World::new();
    world.runs(|reason| *reason == Reason::First);
    world.makes("AB");
    world
}

#[test]
fn nothing_changed() {
    let world = ready();
    assert_eq!(world.go(), Came::Skipped);
}

#[test]
fn touched_without_a_change() {
    let world = ready();
    world.write("src/a", "A");
    assert_eq!(world.go(), Came::Skipped);
    assert_eq!(world.go(), Came::Skipped);
}

#[test]
fn content_changed_while_time_and_size_stay() {
    let world = ready();
    let path = world.base().join("work/src/a");
    let modified = fs::metadata(&path).and_then(|meta| meta.modified()).expect("it has a time");
    fs::write(&path, "X").expect("it can be written");
    File::options().append(true).open(&path).and_then(|file| file.set_modified(modified)).expect("its time can be set");
    world.runs_for(What::Input, "src/a");
    world.makes("XB");
}

#[test]
fn command_edited() {
    let mut world = ready();
    world.manifest.command = vec!["cat src/* | tee out/all".to_owned()];
    world.runs_for(What::Command, "line 1");
}

#[test]
fn declared_variable_changed() {
    let mut world = ready();
    world.manifest.environment.insert("LEVEL".to_owned(), Value::Plain("2".to_owned()));
    world.runs_for(What::Variable, "LEVEL");
    world.manifest.environment.insert("LEVEL".to_owned(), Value::secret("s3cret", &[7; 32]));
    world.runs_for(What::Variable, "LEVEL");
}

#[test]
fn output_deleted() {
    let world = ready();
    world.remove("out/all");
    assert_eq!(world.go(), Came::Restored);
    world.makes("AB");
    assert_eq!(world.go(), Came::Skipped);
}

#[test]
fn output_tampered_with() {
    let world = ready();
    world.write("out/all", "XY");
    assert_eq!(world.go(), Came::Restored);
    world.makes("AB");
    let path = world.base().join("work/out/all");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("its mode can be set");
    assert_eq!(world.go(), Came::Restored, "its mode is a part of it");
}

#[test]
fn source_renamed_removed_or_an_older_one_added() {
    let world = ready();
    fs::rename(world.base().join("work/src/b"), world.base().join("work/src/c")).expect("it can be renamed");
    world.runs_for(What::Input, "src/c");
    world.remove("src/c");
    world.runs_for(What::Input, "src/c");
    world.makes("A");
    world.write("src/0", "0");
    let old = std::time::SystemTime::UNIX_EPOCH;
    let file = File::options().append(true).open(world.base().join("work/src/0"));
    file.and_then(|file| file.set_modified(old)).expect("its time can be set");
    world.runs_for(What::Input, "src/0");
    world.makes("0A");
}

#[test]
fn there_and_back_again() {
    let world = ready();
    world.write("src/a", "X");
    world.runs_for(What::Input, "src/a");
    world.makes("XB");
    world.write("src/a", "A");
    assert_eq!(world.go(), Came::Restored);
    world.makes("AB");
}

#[test]
fn what_only_the_other_run_made_goes() {
    let world = ready();
    world.write("src/a", "X");
    let came = world.go_with(|| world.write("out/more", "more"), || {}, true);
    assert!(matches!(came, Came::Ran(_, Some(Kept::Stored { .. }))), "{came:?}");
    world.write("out/mine", "by hand");
    world.write("src/a", "A");
    assert_eq!(world.go(), Came::Restored);
    assert!(!world.base().join("work/out/more").exists(), "it belongs to the other run");
    assert!(world.base().join("work/out/mine").exists(), "no run made it");
}

#[test]
fn failed_after_it_wrote_its_output() {
    let world = ready();
    world.write("src/a", "X");
    let came = world.go_with(|| {}, || {}, false);
    assert!(matches!(came, Came::Ran(Reason::Changed(_), None)), "{came:?}");
    world.runs_for(What::Input, "src/a");
    world.write("src/a", "Y");
    world.go_with(|| {}, || {}, false);
    world.makes("YB");
    world.write("src/a", "A");
    assert_eq!(world.go(), Came::Restored);
    world.makes("AB");
}

/// As if prodev was killed: nothing was kept.
#[test]
fn killed_in_the_middle() {
    let world = World::new();
    let Decision::Run(pending) = world.decide() else { panic!("it runs") };
    world.write("out/all", "half");
    drop(pending);
    world.runs(|reason| *reason == Reason::First);
    world.makes("AB");
}

#[test]
fn source_edited_after_it_was_read() {
    let world = World::new();
    let came = world.go_with(|| {}, || world.write("src/a", "X"), true);
    let reason = "`src/a` was changed while it ran".to_owned();
    assert_eq!(came, Came::Ran(Reason::First, Some(Kept::Not { reason })));
    world.makes("AB");
    world.runs(|reason| *reason == Reason::First);
    world.makes("XB");
}

#[test]
fn source_edited_before_it_was_read_and_reverted() {
    let world = World::new();
    let came = world.go_with(|| world.write("src/a", "X"), || world.write("src/a", "A"), true);
    assert!(matches!(came, Came::Ran(Reason::First, Some(Kept::Not { .. }))), "{came:?}");
    world.makes("XB");
    world.runs(|reason| *reason == Reason::First);
    world.makes("AB");
}

#[test]
fn without_outputs_the_last_success_counts() {
    let mut world = World::new();
    world.outputs = Vec::new();
    let noted = |came| matches!(came, Came::Ran(_, Some(Kept::Noted { reason: None, .. })));
    assert!(noted(world.go()));
    assert_eq!(world.go(), Came::Skipped);
    world.write("src/a", "X");
    assert!(noted(world.go()));
    world.write("src/a", "A");
    assert!(noted(world.go()), "what it does cannot be restored");
}

#[test]
fn what_is_not_kept_is_verified_all_the_same() {
    let mut world = World::new();
    world.keep = Keep::Nothing;
    assert!(matches!(world.go(), Came::Ran(_, Some(Kept::Noted { .. }))));
    assert_eq!(world.go(), Came::Skipped);
    world.write("out/all", "XY");
    let expected =
        [Difference { what: What::Output, name: "out/all".to_owned(), old: Some(short("AB")), new: Some(short("XY")) }];
    let came = world.go();
    assert!(matches!(&came, Came::Ran(Reason::Outputs(list), _) if *list == expected), "{came:?}");
}

fn short(text: &str) -> String {
    super::manifest::short(&blake3::hash(text.as_bytes()))
}

#[test]
fn by_force_it_runs() {
    let mut world = ready();
    world.force = true;
    world.runs(|reason| *reason == Reason::Forced);
}

#[test]
fn what_is_an_input_and_an_output_is_never_kept() {
    let mut world = World::new();
    world.outputs = vec!["src/made"];
    let came = world.go_with(|| {}, || world.write("src/made", "M"), true);
    let reason = "`src/made` is an input and an output of it".to_owned();
    assert_eq!(came, Came::Ran(Reason::First, Some(Kept::Not { reason: reason.clone() })));
    assert!(matches!(world.decide(), Decision::Always(Some(said)) if said == reason));
}

#[test]
fn an_output_that_is_missing_is_told() {
    let mut world = World::new();
    world.outputs = vec!["out/", "report.xml"];
    let reason = "it made nothing that is called `report.xml`".to_owned();
    assert_eq!(world.go(), Came::Ran(Reason::First, Some(Kept::Not { reason })));
}

#[test]
fn links_are_restored_and_do_not_lead_out() {
    let world = World::new();
    let link = |target: &str, path: &str| {
        let path = world.base().join("work").join(path);
        fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder");
        let _ = fs::remove_file(&path);
        std::os::unix::fs::symlink(target, path).expect("a link");
    };
    assert!(matches!(
        world.go_with(|| link("all", "out/latest"), || {}, true),
        Came::Ran(_, Some(Kept::Stored { .. }))
    ));
    world.remove("out/latest");
    assert_eq!(world.go(), Came::Restored);
    assert_eq!(fs::read_link(world.base().join("work/out/latest")).expect("a link"), Path::new("all"));
    world.write("src/a", "X");
    let reason = Some("the link `out/latest` leads out of the recipe's directory".to_owned());
    let came = world.go_with(|| link("../../elsewhere", "out/latest"), || {}, true);
    assert!(matches!(&came, Came::Ran(_, Some(Kept::Noted { reason: said, .. })) if *said == reason), "{came:?}");
}

#[test]
fn nothing_is_restored_through_a_link() {
    let world = ready();
    let elsewhere = world.base().join("elsewhere");
    fs::create_dir(&elsewhere).expect("a folder");
    fs::remove_dir_all(world.base().join("work/out")).expect("it is there");
    std::os::unix::fs::symlink(&elsewhere, world.base().join("work/out")).expect("a link");
    let Decision::Restore(restore) = world.decide() else { panic!("it is stored") };
    let Err(pending) = restore.perform() else { panic!("it went through the link") };
    assert_eq!(*pending.reason(), Reason::Unrestored("`out/all` lies behind a link or a file".to_owned()));
    assert_eq!(fs::read_dir(&elsewhere).expect("readable").count(), 0);
}

#[test]
fn a_damaged_store_is_a_reason_to_run() {
    let world = ready();
    world.remove("out/all");
    let blob = world.store().blob_path(&blake3::hash(b"AB"));
    fs::write(blob, "XY").expect("it can be damaged");
    let came = world.go();
    assert!(matches!(&came, Came::Ran(Reason::Unrestored(_), Some(Kept::Stored { .. }))), "{came:?}");
    world.remove("out/all");
    assert_eq!(world.go(), Came::Restored, "it was stored afresh");
}
