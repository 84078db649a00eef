//! The usual case: all that was put into a file is still there as it was put in. Then the file is taken apart, down to what it would be had nothing
//! ever been put in, and what is wanted now is put in anew. So what is in a file never depends on what was in it before, and when all is taken out
//! again, it is what it was, to the byte.

use super::{Contribution, Done, Part, Settled, What, difference, lines, next};
use crate::plan::path::TreePath;

/// `None` where somebody changed what was put in, or what stands around it: then it is not known what was there before.
pub(super) fn settle(path: &TreePath, text: Option<&str>, old: &[&Done], new: &[&Contribution]) -> Option<Settled> {
    let wanted = |done: &Done| new.iter().position(|contribution| done.is_of(contribution));
    let is_in = |done: &&Done| !done.is_nothing() && text.is_some_and(|text| done.what.is_there(text));
    let (mut put_in, others): (Vec<&Done>, Vec<&Done>) = old.iter().copied().partition(is_in);
    put_in.sort_by_key(|done| done.order);
    if others.iter().any(|done| text.is_some_and(|text| done.is_edited_in(text))) {
        return None;
    }
    let made_file = put_in.iter().any(|done| done.file);
    let mut now = text.map(ToOwned::to_owned);
    // Each with the place of the contribution that it is of, the last one that was put in first.
    let mut taken_out: Vec<(&Done, Option<usize>)> = Vec::new();
    while !put_in.is_empty() {
        let current = now.as_deref()?;
        let (at, before) = put_in.iter().enumerate().rev().find_map(|(at, done)| {
            let kept = wanted(done).map(|at| &new[at].part);
            undone(done, kept, current).map(|before| (at, before))
        })?;
        let done = put_in.remove(at);
        let is_made = made_file && put_in.is_empty() && before == done.what.empty();
        now = (!is_made).then_some(before);
        taken_out.push((done, wanted(done)));
    }
    let mut replay =
        Replay { now, made_file, done: vec![None; new.len()], settled: Settled::default(), order: next(old) };
    for (done, _) in taken_out.iter().filter(|(_, kept)| kept.is_none()) {
        replay.settled.notes.push(format!("`{path}` loses {}", done.what.words()));
    }
    for done in others {
        let Some(at) = wanted(done) else { continue };
        let covered = |text: &str| done.what.is_there(text);
        // What was there only as a part of what goes is put in now, for itself.
        if done.is_nothing() && text.is_some_and(covered) && !replay.now.as_deref().is_some_and(covered) {
            continue;
        }
        // Who took it out since does not get it again, and who decided on it is not asked again.
        replay.done[at] = Some(Done { owner: new[at].owner.clone(), ..done.clone() });
    }
    // In the order in which they were put in; another value for a key takes the place of the one that it had.
    for (done, kept) in taken_out.iter().rev() {
        let again = || new.iter().position(|it| What::of(&it.part).is_place_of(&done.what));
        match kept {
            Some(at) => replay.put(*at, new[*at], Some(done.order)).ok()?,
            None => again().into_iter().for_each(|at| replay.put_new(path, at, new[at], Some(done.order))),
        }
    }
    for (at, contribution) in new.iter().enumerate() {
        replay.put_new(path, at, contribution, None);
    }
    let Replay { now, made_file, done, mut settled, .. } = replay;
    settled.done = done.into_iter().flatten().collect();
    settled.text = now;
    settled.end(made_file);
    Some(settled)
}

struct Replay {
    now: Option<String>,
    /// Whether the file was made for contributions, and is the user's only in what they added.
    made_file: bool,
    /// What came of each contribution.
    done: Vec<Option<Done>>,
    settled: Settled,
    /// The number of what is put in next.
    order: usize,
}

impl Replay {
    /// # Errors
    /// Why it has no place; `None` where there is no file to put it in.
    fn put(&mut self, at: usize, contribution: &Contribution, order: Option<usize>) -> Result<(), Option<String>> {
        let empty = || contribution.create.then(|| contribution.part.empty().to_owned());
        let made = std::mem::take(&mut self.made_file);
        let current =
            self.now.clone().or_else(|| if made { Some(contribution.part.empty().to_owned()) } else { empty() });
        let Some(current) = current else { return Err(None) };
        let put = contribution.part.put_into(&current);
        let (text, tables) = put.inspect_err(|_| self.made_file = made)?;
        let mut done = Done::nothing(contribution);
        (done.replaced, done.inserted) = difference(&current, &text);
        (done.tables, done.file) = (tables, self.now.is_none() || made);
        if !done.is_nothing() {
            done.order = order.unwrap_or(self.order);
            self.order = self.order.max(done.order + 1);
        }
        self.done[at] = Some(done);
        self.now = Some(text);
        Ok(())
    }

    /// Puts in what nothing is known of yet.
    fn put_new(&mut self, path: &TreePath, at: usize, contribution: &Contribution, order: Option<usize>) {
        if self.done[at].is_some() {
            return;
        }
        let before = self.now.clone();
        let what = What::of(&contribution.part);
        match self.put(at, contribution, order) {
            Ok(()) if self.now == before => {}
            Ok(()) => self.settled.notes.push(format!("`{path}` gets {}", what.words())),
            Err(None) => self.settled.notes.push(format!("`{path}` is not there to take in {}", what.words())),
            Err(Some(why)) => self.settled.dispute(&contribution.part, &why),
        }
        // What had no place is remembered as well: who decides on it is not asked again.
        self.done[at].get_or_insert_with(|| Done::nothing(contribution));
    }
}

/// The text from which putting it in makes `now`, with the very difference that was written down.
fn undone(done: &Done, kept: Option<&Part>, now: &str) -> Option<String> {
    let part = match (&done.what, kept) {
        (_, Some(part)) => part.clone(),
        (What::Lines(lines), None) => return lines::undone(now, lines, &done.inserted),
        (What::Key { format, keys, value }, None) => {
            Part::Key { format: *format, keys: keys.clone(), value: value.clone() }
        }
    };
    let before = now
        .match_indices(done.inserted.as_str())
        .map(|(at, it)| format!("{}{}{}", &now[..at], done.replaced, &now[at + it.len()..]));
    before.into_iter().find(|before| {
        part.put_into(before).is_ok_and(|(text, tables)| text == now && tables == done.tables)
            && difference(before, now) == (done.replaced.clone(), done.inserted.clone())
    })
}
