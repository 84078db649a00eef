//! The picture for Graphviz, which places it itself.

use std::fmt::Write as _;

use super::picture::{Picture, What};

const COLORS: [&str; 8] = ["#1a7f37", "#0969da", "#8250df", "#bf8700", "#cf222e", "#1b7c83", "#bf3989", "#57606a"];

pub(super) fn draw(picture: &Picture) -> String {
    let mut out = String::from(
        "digraph flow {\n  rankdir=TB;\n  node [fontname=\"monospace\", fontsize=10, style=filled, fontcolor=white];\n  edge [arrowhead=none, penwidth=2];\n",
    );
    for (row, spot) in picture.commits.iter().enumerate() {
        let lane = &picture.lanes[spot.lane];
        let shape = if spot.tags.is_empty() { "ellipse" } else { "diamond" };
        let dashed = if lane.what == What::Gone { ", style=\"filled,dashed\"" } else { "" };
        let _ = writeln!(
            out,
            "  c{row} [label={}, tooltip={}, group=l{}, shape={shape}, fillcolor=\"{}\"{dashed}];",
            quoted(&spot.id.short()),
            quoted(&spot.subject),
            spot.lane,
            color(spot.lane)
        );
        for (number, name) in spot.branches.iter().enumerate() {
            label(&mut out, &format!("b{row}_{number}"), name, "box", row);
        }
        for (number, name) in spot.tags.iter().enumerate() {
            label(&mut out, &format!("t{row}_{number}"), name, "note", row);
        }
    }
    for (row, spot) in picture.commits.iter().enumerate() {
        for (number, parent) in spot.parents.iter().enumerate() {
            let Some(parent) = parent else { continue };
            let lane = if number == 0 { spot.lane } else { picture.commits[*parent].lane };
            let weight = if number == 0 { 10 } else { 1 };
            let _ = writeln!(out, "  c{row} -> c{parent} [color=\"{}\", weight={weight}];", color(lane));
        }
    }
    out.push_str("}\n");
    out
}

fn label(out: &mut String, id: &str, name: &str, shape: &str, row: usize) {
    let _ = writeln!(
        out,
        "  {id} [label={}, shape={shape}, fillcolor=\"#f6f8fa\", fontcolor=black];\n  {id} -> c{row} [style=dotted, penwidth=1];\n  {{ rank=same; {id}; c{row}; }}",
        quoted(name)
    );
}

fn color(lane: usize) -> &'static str {
    COLORS[lane % COLORS.len()]
}

/// A text in quotes. A backslash would begin an escape of its own.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
