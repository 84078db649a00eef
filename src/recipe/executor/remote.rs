//! What a team shares, as the executor uses it: calls that are asked for elsewhere before they run, and what they make sent there. The loop goes on
//! meanwhile, and at the end of a run it is waited for what is still to be sent, but not for long.

use std::time::{Duration, Instant};

use super::Executor;
use crate::config::recipe::Cache;
use crate::recipe::cache::{Answer, Courier, Fetch, Keep, Manifest, Pending, Remote, Store};
use crate::recipe::scope::Scope;
use crate::ui::style;

/// After how long it is said what is waited for.
const SILENCE: Duration = Duration::from_millis(500);

/// How far the end of a run is with what is still to be sent.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Delivery {
    /// It is not at its end.
    #[default]
    Not,
    Quiet(Instant),
    /// It was said that something is waited for.
    Told(Instant),
    /// Nothing is waited for any more but the end of what was ended.
    Over,
}

impl Delivery {
    pub(super) fn until(self) -> Option<Instant> {
        match self {
            Self::Quiet(until) | Self::Told(until) => Some(until),
            Self::Not | Self::Over => None,
        }
    }
}

impl Executor<'_, '_> {
    /// Uses what the team shares.
    pub(in crate::recipe) fn share(&mut self, remote: Option<Remote>) {
        self.shelf.remote = remote;
    }

    /// Where what a call makes is kept, which says nothing against sharing it.
    pub(super) fn sharing(&mut self, wish: Option<Cache>, scope: &Scope, manifest: &Manifest, store: &Store) -> Keep {
        let Some(remote) = &self.shelf.remote else { return Keep::Local };
        let settings = &self.catalog.project.policy.settings.cache;
        if manifest.has_secrets() && Remote::team_key(settings).is_none() {
            // Its key would be another on each machine.
            let name = settings.remote.as_ref().and_then(|remote| remote.key_env.as_deref());
            let hint = match name {
                Some(name) => format!("set `{name}`"),
                None => "name the variable with a key of the team: `key_env` of `[settings.cache.remote]`".to_owned(),
            };
            let text = format!("`{}` is kept on this machine alone: it knows secrets", scope.entry.name);
            if wish == Some(Cache::Remote) {
                self.warn_with_hint(&text, Some(&hint));
            } else if self.options.explain {
                self.ui.note(&text);
            }
            return Keep::Local;
        }
        if self.shelf.courier.is_none() {
            match Courier::new(remote.clone(), store.clone()) {
                Ok(courier) => self.shelf.courier = Some(courier),
                Err(error) => {
                    self.ui.warn(&format!("this run goes on without the remote cache: {error}"));
                    self.shelf.remote = None;
                    return Keep::Local;
                }
            }
        }
        Keep::Remote
    }

    /// Asks others for what a call makes. The call comes back where nobody is asked.
    pub(super) fn ask(&mut self, node: usize, pending: Box<Pending>) -> Option<Box<Pending>> {
        let is_asked = pending.is_to_be_had()
            && self.stopping.is_none()
            && self.shelf.courier.as_ref().is_some_and(|courier| courier.ask(node, &pending));
        if !is_asked {
            return Some(pending);
        }
        // Others may have in the meantime what it would hold while it runs.
        self.locks.release(node);
        self.give_back(node);
        self.shelf.asked.insert(node, pending);
        None
    }

    /// Whether answers are waited for.
    pub(super) fn is_asking(&self) -> bool {
        self.stopping.is_none() && !self.shelf.asked.is_empty()
    }

    /// Whether the loop is woken when there is something to hear.
    pub(super) fn is_sharing(&self) -> bool {
        self.is_asking() || self.shelf.delivery.until().is_some()
    }

    /// Whether something can be said now: it must not come between what somebody is typing into, or into the output of a job that has the streams for
    /// itself.
    pub(super) fn listens(&self) -> bool {
        !self.running.iter().any(|job| job.is_alone || self.recipe(job.node).interactive)
    }

    /// Hears what has come of it.
    pub(super) fn hear_courier(&mut self) {
        if !self.listens() {
            return;
        }
        let Some(courier) = &mut self.shelf.courier else { return };
        for answer in courier.answers() {
            match answer {
                // A run that is being stopped says what matters.
                Answer::Warning { text, hint }
                    if self.stopping.as_ref().is_none_or(|stopping| !stopping.is_interrupt) =>
                {
                    self.warn_with_hint(&text, hint.as_deref());
                }
                Answer::Fetched(node, fetch) if self.stopping.is_none() => {
                    if let Some(pending) = self.shelf.asked.remove(&node) {
                        self.was_asked(node, pending, fetch);
                    }
                }
                _ => {}
            }
        }
    }

    fn was_asked(&mut self, node: usize, pending: Box<Pending>, fetch: Option<Fetch>) {
        let pending = match fetch {
            None => pending,
            Some(fetch) => {
                let restore = pending.restore(fetch);
                self.explain(&self.node(node).label.clone(), restore.reason());
                match restore.perform() {
                    Ok(hit) => return self.is_over(node, hit, "what it makes was brought back from the remote cache"),
                    Err(pending) => pending,
                }
            }
        };
        self.will_run(node, pending);
        self.ready.insert(node);
    }

    /// Whether nothing is left to be sent, or it was waited for long enough.
    pub(super) fn is_delivered(&mut self) -> bool {
        let Some(courier) = &self.shelf.courier else { return true };
        let now = Instant::now();
        if let Some(stopping) = &self.stopping {
            courier.ask_no_more();
            if stopping.is_interrupt {
                courier.end();
            }
        }
        if !courier.is_busy() {
            self.shelf.delivery = Delivery::Over;
            self.hear_courier();
            return true;
        }
        match self.shelf.delivery {
            Delivery::Not => self.shelf.delivery = Delivery::Quiet(now + SILENCE.min(courier.patience())),
            Delivery::Quiet(until) if until <= now => {
                self.ui.note(&format!("waiting for the remote cache: {} to be sent", results(courier.left())));
                self.shelf.delivery = Delivery::Told(now + courier.patience());
            }
            Delivery::Told(until) if until <= now => {
                let text = format!("the remote cache took too long, and {} not sent", results(courier.left()));
                self.ui.warn(&text);
                courier.end();
                self.shelf.delivery = Delivery::Over;
            }
            _ => {}
        }
        false
    }

    fn warn_with_hint(&self, text: &str, hint: Option<&str>) {
        let hint = hint.map(|hint| format!("\n{}hint:{:#} {hint}", style::HINT, style::HINT)).unwrap_or_default();
        self.ui.warn(&format!("{text}{hint}"));
    }
}

fn results(count: usize) -> String {
    if count == 1 { "1 result is".to_owned() } else { format!("{count} results are") }
}
