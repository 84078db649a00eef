//! What templates put into files that are not their own, where these are merged: the user's file as it will be, and what has no place in it beside it.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Conflict, Dispute, Merge, Ours, place};
use crate::plan::path::TreePath;
use crate::plan::tree::{Content, Mode};
use crate::scaffold::contribution::{self, Contribution, Done, Settled};

/// The files that are looked at for it.
pub(in crate::scaffold) fn paths<'a>(old: &'a [Done], new: &'a [Contribution]) -> BTreeSet<&'a TreePath> {
    contribution::files(old, new).into_keys().collect()
}

/// Adds to `merge` what becomes of these files, and says what was done, for the records.
pub(in crate::scaffold) fn settle(old: &[Done], new: &[Contribution], ours: &Ours, merge: &mut Merge) -> Vec<Done> {
    let mut done = Vec::new();
    for (path, (old, new)) in contribution::files(old, new) {
        let found = merge.writes.get(path).or_else(|| ours.content(path)).cloned();
        let text = match &found {
            None if ours.here(path).is_none() && ours.blocked(path).is_none() => Ok(None),
            Some(Content::File { bytes, mode }) => match std::str::from_utf8(bytes) {
                Ok(text) => Ok(Some((text, *mode))),
                Err(_) => Err("it is no text"),
            },
            _ => Err("it is no file of the project's own"),
        };
        let (settled, mode, was) = match text {
            Ok(text) => {
                let settled = contribution::settle(path, text.map(|(text, _)| text), &old, &new);
                (settled, text.map_or(Mode::Plain, |(_, mode)| mode), text.map(|(text, _)| text))
            }
            Err(why) => (Settled::refused(path, why, &old, &new), Mode::Plain, None),
        };
        match (&settled.text, &found) {
            (Some(now), _) if was != Some(now.as_str()) => {
                let content = Content::File { bytes: Arc::new(now.clone().into_bytes()), mode };
                merge.writes.insert(path.clone(), content);
            }
            (None, Some(before)) if was.is_some() => {
                merge.writes.remove(path);
                merge.removes.insert(path.clone(), before.clone());
            }
            _ => {}
        }
        merge.notes.extend(settled.notes);
        if !settled.disputes.is_empty() {
            merge.notes.extend(settled.disputes.iter().map(|dispute| format!("`{path}`: {}", dispute.why)));
            let alone: String = settled.disputes.iter().map(|dispute| dispute.alone.as_str()).collect();
            let beside = place::beside(path, ours, merge);
            merge
                .writes
                .insert(beside.clone(), Content::File { bytes: Arc::new(alone.into_bytes()), mode: Mode::Plain });
            let conflict =
                Conflict { path: path.clone(), kind: Dispute::NoPlace, beside: Some(beside), stages: Vec::new() };
            merge.conflicts.push(conflict);
        }
        done.extend(settled.done);
    }
    merge.conflicts.sort_by(|a, b| a.path.cmp(&b.path));
    done
}
