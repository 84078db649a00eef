//! Whether the commands of a template can be what they say: their texts, folders, variables and versions.

use super::Check;
use crate::config::check::refuse_variable;
use crate::error::Problem;
use crate::plan::path::TreePath;
use crate::scaffold::jinja::has_markup;
use crate::scaffold::manifest::{Deed, Run, Text};

impl Check<'_> {
    pub(super) fn tasks(&mut self) {
        let manifest = &self.template.manifest;
        for (index, task) in manifest.tasks.iter().enumerate() {
            let index = index.saturating_sub(self.template.inherited.tasks).to_string();
            self.deed(&["tasks", &index], task.deed());
        }
        for (index, migration) in manifest.migrations.iter().enumerate() {
            self.deed(&["migrations", &index.to_string()], migration.deed());
            self.past_version(&migration.version, "nothing migrates yet");
        }
    }

    fn deed(&mut self, path: &[&str], deed: Deed) {
        match deed.run {
            Run::Script(script) => self.script(script),
            Run::Words(words) => {
                if words[0].text.trim().is_empty() {
                    self.report("the first word of a command is a program".to_owned(), &words[0].span);
                }
            }
        }
        for text in deed.texts() {
            self.text(text);
        }
        if let Some(when) = deed.when {
            self.expression(when);
        }
        if let Some(dir) = deed.dir.filter(|dir| !has_markup(&dir.text))
            && let Err(why) = TreePath::new(&dir.text)
        {
            self.report(format!("the folder `{}` {why}", dir.text.escape_debug()), &dir.span);
        }
        for name in deed.env.keys() {
            if let Some(why) = refuse_variable(name) {
                let path = [path, &["env", name]].concat();
                self.key(&path, format!("`{name}` cannot be a variable of a task: {why}"));
            }
        }
    }

    /// A script is handed to the shell as it is. Braces in it that were meant to be filled would not be, and filling them would let answers be
    /// commands.
    fn script(&mut self, script: &Text) {
        if script.text.trim().is_empty() {
            self.report("a command is a text that is not empty".to_owned(), &script.span);
            return;
        }
        let Some(name) = self.answer_in(&script.text) else { return };
        let place = self.template.place(&script.span);
        let problem = Problem::new(format!("`{name}` would be a part of the script, where it could be a command"));
        let hint = format!(
            "hand it over as data: `env = {{ {name} = \"{{{{ {name} }}}}\" }}`, and `\"${name}\"` in the script"
        );
        self.problems.push(problem.at(place).hint(hint));
    }

    /// The first name of the template's that stands in braces.
    fn answer_in(&self, script: &str) -> Option<String> {
        let manifest = &self.template.manifest;
        let inner = script.split("{{").skip(1).filter_map(|rest| rest.split("}}").next());
        let names = inner.map(|inner| {
            let word = inner.trim_start_matches('-').trim_start();
            word.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).next().unwrap_or_default()
        });
        let is_ours = |name: &&str| {
            manifest.questions.contains_key(*name)
                || manifest.computed.contains_key(*name)
                || ["components", "dir_name", "template"].contains(name)
        };
        names.filter(|name| !name.is_empty()).find(is_ours).map(ToOwned::to_owned)
    }
}
