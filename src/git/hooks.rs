//! Hooks: where they are, whether they would run, and which of them said no.

use std::collections::HashMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use super::Repository;

/// A hook's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hook {
    pub(crate) path: PathBuf,
    /// One that is not executable Git leaves out.
    pub(crate) is_executable: bool,
}

impl Repository {
    /// The file of the hook `name`, if there is one.
    ///
    /// # Errors
    /// Where Git's configuration cannot be read.
    pub(crate) fn hook(&self, name: &str) -> anyhow::Result<Option<Hook>> {
        let settings = self.settings()?;
        let top = self.work_tree().unwrap_or(self.git_dir());
        let folder = match settings.get("core.hookspath") {
            Some(path) => match path.strip_prefix("~/").zip(home()) {
                Some((rest, home)) => home.join(rest),
                None => top.join(path),
            },
            None => self.common_dir().join("hooks"),
        };
        let path = folder.join(name);
        let meta = path.metadata().ok().filter(std::fs::Metadata::is_file);
        Ok(meta.map(|meta| Hook { path, is_executable: meta.permissions().mode() & 0o111 != 0 }))
    }
}

#[allow(clippy::disallowed_methods, reason = "a path of Git's configuration can begin with `~`")]
fn home() -> Option<PathBuf> {
    std::env::var_os("HOME").map(PathBuf::from)
}

/// The last hook that failed, as `GIT_TRACE2_EVENT` tells it. <https://git-scm.com/docs/api-trace2>
pub(crate) fn failed_hook(trace: &[u8]) -> Option<String> {
    let mut started: HashMap<(String, u64), String> = HashMap::new();
    let mut failed = None;
    for line in trace.split(|byte| *byte == b'\n') {
        let Ok(event) = serde_json::from_slice::<serde_json::Value>(line) else { continue };
        let text = |key: &str| event[key].as_str().unwrap_or_default().to_owned();
        let key = || Some((text("sid"), event["child_id"].as_u64()?));
        match event["event"].as_str() {
            Some("child_start") if event["child_class"] == "hook" => {
                started.extend(key().map(|key| (key, text("hook_name"))));
            }
            Some("child_exit") if event["code"] != 0 => {
                failed = key().and_then(|key| started.get(&key).cloned()).or(failed);
            }
            _ => {}
        }
    }
    failed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hook_that_failed_is_told_from_those_that_did_not() {
        let trace = concat!(
            "{\"event\":\"child_start\",\"sid\":\"a\",\"child_id\":0,\"child_class\":\"hook\",\"hook_name\":\"pre-merge-commit\"}\n",
            "{\"event\":\"child_exit\",\"sid\":\"a\",\"child_id\":0,\"code\":0}\n",
            "{\"event\":\"child_start\",\"sid\":\"a\",\"child_id\":1,\"child_class\":\"hook\",\"hook_name\":\"commit-msg\"}\n",
            "{\"event\":\"child_start\",\"sid\":\"a/b\",\"child_id\":1,\"child_class\":\"?\"}\n",
            "{\"event\":\"child_exit\",\"sid\":\"a/b\",\"child_id\":1,\"code\":7}\nnot JSON\n",
            "{\"event\":\"child_exit\",\"sid\":\"a\",\"child_id\":1,\"code\":1}\n",
        );
        assert_eq!(failed_hook(trace.as_bytes()).as_deref(), Some("commit-msg"));
        assert_eq!(failed_hook(trace.lines().take(4).collect::<Vec<_>>().join("\n").as_bytes()), None);
        assert_eq!(failed_hook(b""), None);
    }
}
