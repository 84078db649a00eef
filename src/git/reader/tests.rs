//! Both backends say the same of every repository that both can read.

use std::process::Command;

use super::*;

struct Sample(tempfile::TempDir);

impl Sample {
    fn new() -> Self {
        let sample = Self(tempfile::tempdir().unwrap());
        sample.git("init -q -b main");
        sample
    }

    #[allow(clippy::disallowed_methods, reason = "a test makes its repository as anybody would")]
    fn git(&self, words: &str) {
        let config = ["-c", "user.name=Ada", "-c", "user.email=ada@example.org", "-c", "commit.gpgsign=false"];
        let words = words.split(' ').map(|word| word.replace('_', " "));
        let output = Command::new("git").current_dir(self.0.path()).args(config).args(words).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }

    fn commit(&self, message: &str) {
        self.git(&format!("commit -q --allow-empty -m {message}"));
    }
}

/// Everything that a backend can say.
fn all(backend: &dyn Backend) -> String {
    let refs = backend.refs().unwrap();
    let tips: Vec<Id> = refs.iter().map(|one| one.peeled).collect();
    let mut links = backend.links(&tips).unwrap();
    links.sort();
    let main = backend.resolve("main").unwrap();
    let range = backend.range(&tips, main.as_slice()).unwrap();
    let commits = backend.commits(&range).unwrap();
    let mut bases = tips.iter().flat_map(|tip| backend.merge_bases(tips[0], *tip).unwrap()).collect::<Vec<_>>();
    bases.sort();
    let settings = backend.settings().unwrap();
    let settings = ["core.bare", "a.b.c", "core.commentchar"].map(|key| settings.get(key).map(str::to_owned));
    let found = ["HEAD^{/one}", "nothing", "v1", "side@{0}"].map(|name| backend.resolve(name).unwrap());
    let log = backend.reflog("refs/heads/side").unwrap();
    let files = main.map(|main| ["f", "d/f", "d", "x"].map(|path| backend.file(main, path).unwrap()));
    format!(
        "{:?}\n{refs:#?}\n{links:#?}\n{commits:#?}\n{bases:?}\n{settings:?}\n{found:?}\n{files:?}\n{log:?}",
        backend.head().unwrap()
    )
}

#[test]
fn backends_agree() {
    let sample = Sample::new();
    let agree = |what: &str| {
        let (place, libgit) = Libgit::open(sample.0.path()).unwrap().unwrap();
        let (other, plumbing) = Plumbing::open(sample.0.path()).unwrap().unwrap();
        let real = |place: Place| {
            [Some(place.git_dir), Some(place.common_dir), place.work_tree]
                .map(|path| path.map(|path| path.canonicalize().unwrap()))
        };
        assert_eq!(real(place), real(other), "{what}");
        assert_eq!(libgit.head().unwrap(), plumbing.head().unwrap(), "{what}");
        if libgit.head().unwrap().commit().is_some() {
            assert_eq!(all(&libgit), all(&plumbing), "{what}");
        }
    };
    agree("unborn");
    std::fs::create_dir(sample.0.path().join("d")).unwrap();
    for file in ["f", "d/f"] {
        std::fs::File::create(sample.0.path().join(file)).unwrap();
    }
    sample.git("add .");
    sample.commit("one");
    sample.git("tag -a v1 -m v1");
    sample.git("tag light");
    sample.git("tag tree HEAD^{tree}");
    sample.git("tag -d tree");
    sample.git("switch -qc side");
    sample.commit("two_é\n\n_more\n");
    sample.git("-c i18n.commitEncoding=ISO-8859-1 commit -q --allow-empty -m latin");
    sample.git("config a.b.c value");
    agree("loose");
    sample.git("pack-refs --all");
    sample.git("gc -q");
    agree("packed");
    sample.git("switch -q main");
    sample.commit("three");
    sample.git("merge -q --no-ff side -m Merge");
    agree("merged");
    sample.git("checkout -q --detach");
    agree("detached");
}

#[test]
fn nowhere_is_no_repository() {
    let folder = tempfile::tempdir().unwrap();
    assert!(Libgit::open(folder.path()).unwrap().is_none());
    assert!(Plumbing::open(folder.path()).unwrap().is_none());
    let error = Repository::open(folder.path()).err().unwrap();
    assert!(error.to_string().ends_with("is not in a Git repository"), "{error}");
}
