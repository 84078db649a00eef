//! What is done where somebody changed what was put in, or what stands around it: each thing is looked for by itself, taken out as closely as it was put
//! in, and what nobody can tell apart from the user's own stays.

use super::{Contribution, Done, Part, Settled, What, difference, lines};
use crate::plan::path::TreePath;

pub(super) fn settle(path: &TreePath, text: Option<&str>, old: &[&Done], new: &[&Contribution]) -> Settled {
    let mut settled = Settled::default();
    let mut now = text.map(ToOwned::to_owned);
    let (mut kept, mut gone): (Vec<&Done>, Vec<&Done>) =
        old.iter().copied().partition(|done| new.iter().any(|contribution| done.is_of(contribution)));
    let mut made_file = false;
    let mut order = super::next(old);
    let mut tables: Vec<Vec<String>> = Vec::new();
    // Of what went, what is there in part.
    let mut edited: Vec<&Done> = Vec::new();
    // First what finds its bytes as it left them, the last one before the others, and of lines the hindmost: that uncovers the bytes of what it was put behind.
    while let (Some(current), false) = (&now, gone.is_empty()) {
        let whole = |done: &Done| done.with(&tables, false, done.owner.clone());
        let exact = gone.iter().enumerate().filter(|(_, done)| whole(done).exactly(current).is_some());
        let place = |done: &Done| match done.what {
            What::Lines(_) => current.rfind(done.inserted.trim_matches('\n')),
            What::Key { .. } => None,
        };
        let at = exact.max_by_key(|(at, done)| (place(done), *at)).map_or(gone.len() - 1, |(at, _)| at);
        let original = gone.remove(at);
        let done = whole(original);
        made_file |= done.file;
        tables.extend(done.tables().into_iter().map(<[String]>::to_vec));
        match done.take_out(current) {
            Ok(Some(without)) => {
                settled.notes.push(format!("`{path}` loses {}", done.what.words()));
                now = Some(without);
            }
            Ok(None) if original.is_edited_in(current) => {
                settled.notes.push(format!("`{path}` keeps what you made of {}", done.what.words()));
                edited.push(original);
            }
            Ok(None) => {}
            // What is to have another value is told once, where that is put in.
            Err(_) if new.iter().any(|it| What::of(&it.part).is_place_of(&done.what)) => {}
            Err(why) => settled.notes.push(format!("`{path}` keeps {}: {why}", done.what.words())),
        }
    }
    for contribution in new {
        let what = What::of(&contribution.part);
        if let Some(at) = kept.iter().position(|done| done.what == what) {
            // Who took it out since does not get it again. What was made for others, and holds it still, goes with it.
            settled.done.push(kept.remove(at).with(&tables, made_file, contribution.owner.clone()));
            continue;
        }
        let mut done = Done::nothing(contribution);
        let empty = || contribution.create.then(|| contribution.part.empty().to_owned());
        let current = now.clone().or_else(empty);
        match current.map(|current| (put_into(contribution, &edited, &current), current)) {
            None => settled.notes.push(format!("`{path}` is not there to take in {}", done.what.words())),
            Some((Ok((new_text, tables)), current)) => {
                (done.replaced, done.inserted) = difference(&current, &new_text);
                (done.tables, done.file) = (tables, now.is_none() || made_file);
                if current != new_text {
                    settled.notes.push(format!("`{path}` gets {}", done.what.words()));
                    (done.order, order) = (order, order + 1);
                }
                now = Some(new_text);
            }
            Some((Err(why), _)) => settled.dispute(&contribution.part, &why),
        }
        // What had no place is remembered as well: who decides on it is not asked again.
        settled.done.push(done);
    }
    settled.text = now;
    settled.end(made_file);
    settled
}

/// # Errors
/// Why it has no place; so also where it is another form of lines that the user has made something else of.
fn put_into(contribution: &Contribution, edited: &[&Done], current: &str) -> Result<(String, usize), String> {
    if let Part::Lines { text, .. } = &contribution.part
        && edited.iter().any(|done| {
            done.owner == contribution.owner
                && matches!(&done.what, What::Lines(old) if lines::are_there_in_part(old, text))
        })
    {
        return Err("you changed what was there before, which these lines are to take the place of".to_owned());
    }
    contribution.part.put_into(current)
}
