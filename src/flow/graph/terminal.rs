//! The picture in characters: a row for each commit, a column for each line, and beside it what the commit is.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};

use super::layout::{Edge, Layout};
use super::picture::{Picture, Spot};
use crate::ui::style::{BOLD, DIM, WARNING};
use crate::ui::{fitted, shown_width};

/// Where a cell's lines go.
const UP: u8 = 1;
const DOWN: u8 = 2;
const LEFT: u8 = 4;
const RIGHT: u8 = 8;

/// By the sum of the above.
const SHAPES: [char; 16] = [' ', '│', '│', '│', '─', '╯', '╮', '┤', '─', '╰', '╭', '├', '─', '┴', '┬', '┼'];

const COLORS: [AnsiColor; 6] =
    [AnsiColor::Green, AnsiColor::Cyan, AnsiColor::Magenta, AnsiColor::Yellow, AnsiColor::Blue, AnsiColor::Red];

/// The least that is left for what the commit is.
const TEXT: usize = 30;

#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    lines: u8,
    lane: usize,
    is_commit: bool,
}

/// `width` are the columns of the terminal; without one nothing is cut.
pub(super) fn draw(picture: &Picture, layout: &Layout, width: Option<usize>) -> String {
    let cells = cells(picture, layout);
    let across = layout.width * 2 - 1;
    let shown = width.map_or(across, |width| across.min(width.saturating_sub(TEXT).max(9)));
    let mut out = String::new();
    for (row, spot) in picture.commits.iter().enumerate() {
        let mut line = String::new();
        for (at, cell) in cells[row].iter().take(shown).enumerate() {
            let is_edge = at + 1 == shown && shown < across;
            let mark = match (cell.is_commit, spot.tags.is_empty()) {
                _ if is_edge => '…',
                (true, true) => '●',
                (true, false) => '◆',
                _ => SHAPES[usize::from(cell.lines)],
            };
            if mark == ' ' {
                line.push(' ');
            } else {
                let style = color(cell.lane);
                let _ = write!(line, "{style}{mark}{style:#}");
            }
        }
        let room = width.map(|width| width.saturating_sub(shown + 3));
        let _ = writeln!(out, "{line}  {}", told(spot, room));
    }
    out
}

fn color(lane: usize) -> Style {
    COLORS[lane % COLORS.len()].on_default()
}

/// What a commit is: its id, what names it, and its subject.
fn told(spot: &Spot, room: Option<usize>) -> String {
    let mut used = 0;
    let mut out = String::new();
    let mut put = |text: &str, style: Style| {
        let text = match room {
            Some(room) => fitted(text, room.saturating_sub(used)),
            None => text.to_owned(),
        };
        if text.is_empty() {
            return;
        }
        used += shown_width(&text) + 1;
        if !out.is_empty() {
            out.push(' ');
        }
        let _ = write!(out, "{style}{text}{style:#}");
    };
    put(&spot.id.short(), DIM);
    for name in &spot.branches {
        put(&format!("[{name}]"), color(spot.lane).bold());
    }
    if spot.is_head {
        put("HEAD", BOLD);
    }
    for tag in &spot.tags {
        put(&format!("‹{tag}›"), WARNING);
    }
    put(&spot.subject, Style::new());
    out
}

fn cells(picture: &Picture, layout: &Layout) -> Vec<Vec<Cell>> {
    let rows = picture.commits.len();
    let mut cells = vec![vec![Cell::default(); layout.width * 2 - 1]; rows];
    // Those along lanes last: where lines cross, the lane's color stays.
    let mut edges: Vec<&Edge> = layout.edges.iter().collect();
    edges.sort_by_key(|edge| edge.by == layout.column[edge.from]);
    for edge in edges {
        across(&mut cells[edge.from], layout.column[edge.from], edge.by, edge.lane);
        for (row, line) in cells.iter_mut().enumerate().take(edge.to.saturating_add(1)).skip(edge.from) {
            let cell = &mut line[edge.by * 2];
            cell.lines |= if row > edge.from { UP } else { 0 } | if row < edge.to { DOWN } else { 0 };
            cell.lane = edge.lane;
        }
        if edge.to < rows {
            across(&mut cells[edge.to], layout.column[edge.to], edge.by, edge.lane);
        }
    }
    for (row, spot) in picture.commits.iter().enumerate() {
        let cell = &mut cells[row][layout.column[row] * 2];
        (cell.is_commit, cell.lane) = (true, spot.lane);
    }
    cells
}

fn across(row: &mut [Cell], one: usize, other: usize, lane: usize) {
    let (left, right) = (one.min(other) * 2, one.max(other) * 2);
    for (at, cell) in row.iter_mut().enumerate().take(right + 1).skip(left) {
        let lines = if at < right { RIGHT } else { 0 } | if at > left { LEFT } else { 0 };
        if cell.lines == 0 && lines != 0 {
            cell.lane = lane;
        }
        cell.lines |= lines;
    }
}
