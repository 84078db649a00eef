//! Where lines run: a column for each lane, as long as it lives, and for each edge the way between two columns. Pure.

use super::picture::{Picture, What};

/// Columns and ways.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Layout {
    /// The column of each row's commit.
    pub(super) column: Vec<usize>,
    pub(super) edges: Vec<Edge>,
    /// How many columns there are.
    pub(super) width: usize,
}

/// A line from a commit to its parent: across at `from`, down in the column `by`, across at `to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Edge {
    pub(super) from: usize,
    /// The row of the parent; the number of rows where that is below the picture.
    pub(super) to: usize,
    pub(super) by: usize,
    /// The lane that it has the color of.
    pub(super) lane: usize,
}

/// Rows in which a column is taken.
#[derive(Debug, Clone, Copy)]
struct Span {
    top: usize,
    bottom: usize,
}

/// An edge whose column is not known yet.
struct Open {
    from: usize,
    to: usize,
    lane: usize,
    /// It runs in the column of its lane; else in one of its own.
    along: bool,
}

impl Layout {
    pub(super) fn of(picture: &Picture) -> Self {
        let rows = picture.commits.len();
        let mut spans: Vec<Option<Span>> = vec![None; picture.lanes.len()];
        let mut reach = |lane: usize, row: usize| {
            let span = spans[lane].get_or_insert(Span { top: row, bottom: row });
            span.top = span.top.min(row);
            span.bottom = span.bottom.max(row);
        };
        let mut lane_rows: Vec<Vec<usize>> = vec![Vec::new(); picture.lanes.len()];
        for (row, spot) in picture.commits.iter().enumerate() {
            lane_rows[spot.lane].push(row);
            reach(spot.lane, row);
        }
        let mut open = Vec::new();
        for (row, spot) in picture.commits.iter().enumerate() {
            for (number, parent) in spot.parents.iter().enumerate() {
                let to = parent.unwrap_or(rows);
                let target = parent.map(|parent| picture.commits[parent].lane);
                if number == 0 {
                    // The oldest of a lane reaches down to where that began.
                    reach(spot.lane, to);
                    open.push(Open { from: row, to, lane: spot.lane, along: true });
                    continue;
                }
                // Along the other lane, unless a newer commit of that stands in the way.
                let lane = target.unwrap_or(spot.lane);
                let is_free = lane != spot.lane && !lane_rows[lane].iter().any(|other| (row + 1..to).contains(other));
                let along = is_free && target.is_some();
                if along {
                    reach(lane, row);
                }
                open.push(Open { from: row, to, lane, along });
            }
        }
        Self::placed(picture, &spans, &open)
    }

    fn placed(picture: &Picture, spans: &[Option<Span>], open: &[Open]) -> Self {
        let mut taken: Vec<Vec<Span>> = Vec::new();
        let mut columns = vec![0; spans.len()];
        // Long-lived branches keep theirs for themselves.
        for (lane, span) in spans.iter().enumerate() {
            if picture.lanes[lane].what == What::Base && span.is_some() {
                columns[lane] = taken.len();
                taken.push(vec![Span { top: 0, bottom: usize::MAX }]);
            }
        }
        let mut others: Vec<(Span, Result<usize, usize>)> = Vec::new();
        for (lane, span) in spans.iter().enumerate().filter(|(lane, _)| picture.lanes[*lane].what != What::Base) {
            others.extend(span.map(|span| (span, Ok(lane))));
        }
        for (number, edge) in open.iter().enumerate().filter(|(_, edge)| !edge.along) {
            others.push((Span { top: edge.from, bottom: edge.to }, Err(number)));
        }
        others.sort_by_key(|(span, what)| (span.top, what.is_err(), span.bottom));
        let mut own = vec![0; open.len()];
        for (span, what) in others {
            let is_free = |spans: &Vec<Span>| spans.iter().all(|it| span.top > it.bottom || span.bottom < it.top);
            let column = taken.iter().position(is_free).unwrap_or(taken.len());
            if column == taken.len() {
                taken.push(Vec::new());
            }
            taken[column].push(span);
            match what {
                Ok(lane) => columns[lane] = column,
                Err(number) => own[number] = column,
            }
        }
        let edges = open.iter().enumerate().map(|(number, edge)| Edge {
            from: edge.from,
            to: edge.to,
            by: if edge.along { columns[edge.lane] } else { own[number] },
            lane: edge.lane,
        });
        Self {
            column: picture.commits.iter().map(|spot| columns[spot.lane]).collect(),
            edges: edges.collect(),
            width: taken.len(),
        }
    }
}
