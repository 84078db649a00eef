//! The picture as Mermaid's `gitGraph`, which code hosts draw in Markdown. It is told as a story, oldest first: what is merged must be what the
//! branch ends with at that moment, so where it was another commit, that gets a branch of its own. <https://mermaid.js.org/syntax/gitgraph.html>

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use super::picture::{Picture, Spot};

pub(super) fn draw(picture: &Picture) -> String {
    let names = names(picture);
    let mut story = Story { picture, names, out: String::new(), tips: BTreeMap::new(), current: None };
    let Some(oldest) = picture.commits.last() else { return String::new() };
    let main = story.names[oldest.lane].clone();
    story.out = format!(
        "%%{{init: {{\"gitGraph\": {{\"mainBranchName\": \"{main}\", \"showCommitLabel\": true}}}}}}%%\ngitGraph\n"
    );
    // Lines that begin below the picture have to begin somewhere.
    if picture.commits.iter().any(|spot| spot.parents.iter().any(Option::is_none)) {
        story.line("commit id: \"…\"");
    }
    story.current = Some(main);
    let starts = story.starts();
    for row in (0..picture.commits.len()).rev() {
        story.tell(row, &starts);
    }
    story.out
}

struct Story<'a> {
    picture: &'a Picture,
    /// What lanes are called: no name twice.
    names: Vec<String>,
    out: String,
    /// The row that each branch ends with so far.
    tips: BTreeMap<String, Option<usize>>,
    current: Option<String>,
}

impl Story<'_> {
    fn line(&mut self, text: &str) {
        let _ = writeln!(self.out, "  {text}");
    }

    /// Branches that begin at each row: lanes, and what is merged later than from the end of its lane.
    fn starts(&self) -> BTreeMap<usize, BTreeSet<String>> {
        let mut starts: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
        for (row, spot) in self.picture.commits.iter().enumerate() {
            if let Some(Some(parent)) = spot.parents.first()
                && self.picture.commits[*parent].lane != spot.lane
            {
                starts.entry(*parent).or_default().insert(self.names[spot.lane].clone());
            }
            for parent in spot.parents.iter().skip(1).flatten() {
                if !self.is_end(*parent, row) {
                    starts.entry(*parent).or_default().insert(self.side(*parent));
                }
            }
        }
        starts
    }

    /// Whether the lane of `parent` ends with it when `row` is told.
    fn is_end(&self, parent: usize, row: usize) -> bool {
        let lane = self.picture.commits[parent].lane;
        lane != self.picture.commits[row].lane
            && !self.picture.commits[row + 1..parent].iter().any(|spot| spot.lane == lane)
    }

    /// A branch for a commit that its lane has gone past.
    fn side(&self, row: usize) -> String {
        let spot = &self.picture.commits[row];
        format!("{}@{}", self.names[spot.lane], spot.id.short())
    }

    fn tell(&mut self, row: usize, starts: &BTreeMap<usize, BTreeSet<String>>) {
        let picture = self.picture;
        let spot = &picture.commits[row];
        let name = self.names[spot.lane].clone();
        if self.current.as_ref() != Some(&name) {
            let is_there = self.tips.contains_key(&name);
            self.line(&format!("{} {}", if is_there { "checkout" } else { "branch" }, quoted(&name)));
            self.current = Some(name.clone());
        }
        let merged = spot.parents.iter().skip(1).flatten().next().copied();
        let from = merged.map(|parent| {
            if self.is_end(parent, row) { self.names[picture.commits[parent].lane].clone() } else { self.side(parent) }
        });
        // A branch with nothing of its own cannot be merged.
        let from = from.filter(|from| *from != name && self.tips.get(from) != self.tips.get(&name));
        let tag = if spot.tags.is_empty() { String::new() } else { format!(" tag: {}", quoted(&spot.tags.join(", "))) };
        match from {
            Some(from) => self.line(&format!("merge {} id: {}{tag}", quoted(&from), quoted(&told(spot)))),
            None => self.line(&format!("commit id: {}{tag}", quoted(&told(spot)))),
        }
        self.tips.insert(name.clone(), Some(row));
        for branch in starts.get(&row).into_iter().flatten() {
            self.line(&format!("branch {}", quoted(branch)));
            self.line(&format!("checkout {}", quoted(&name)));
            self.tips.insert(branch.clone(), Some(row));
        }
    }
}

/// A commit's label: unique, since the id is in it.
fn told(spot: &Spot) -> String {
    format!("{} {}", spot.id.short(), spot.subject)
}

/// Every lane's name; those that are the same get a number.
fn names(picture: &Picture) -> Vec<String> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let name = |lane: &super::picture::Lane| {
        let name = clean(&lane.name);
        let count = seen.entry(name.clone()).or_insert(0);
        *count += 1;
        if *count == 1 { name } else { format!("{name} ({count})") }
    };
    picture.lanes.iter().map(name).collect()
}

/// Mermaid knows no escape inside quotes, and takes `%%` for a comment.
fn clean(text: &str) -> String {
    text.replace(['"', '\\'], "'").replace("%%", "% %").replace(['{', '}'], "|").replace(';', ",")
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", clean(text))
}
