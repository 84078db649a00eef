//! The graph of recipes as an image that needs nothing else: what can run side by side stands in a column.

use std::fmt::Write as _;

use super::graph::{Graph, Kind};
use super::plan::waves;

/// What a character takes, roughly: only the size of boxes hangs on it.
const LETTER: usize = 8;
const HIGH: usize = 30;
const DOWN: usize = 46;
const ACROSS: usize = 60;
const EDGE: usize = 20;

struct Box {
    x: usize,
    y: usize,
    width: usize,
}

pub(super) fn svg(graph: &Graph) -> String {
    let mut boxes: Vec<Option<Box>> = graph.nodes.iter().map(|_| None).collect();
    let (mut x, mut height) = (EDGE, 2 * EDGE);
    for wave in waves(graph) {
        let mut wave: Vec<usize> = wave.into_iter().collect();
        wave.sort_unstable();
        let letters = |at: &usize| graph.nodes[*at].label.chars().count();
        let width = wave.iter().map(letters).max().unwrap_or_default() * LETTER + 2 * EDGE;
        for (row, at) in wave.iter().enumerate() {
            let y = EDGE + row * DOWN;
            height = height.max(y + HIGH + EDGE);
            boxes[*at] = Some(Box { x, y, width });
        }
        x += width + ACROSS;
    }
    let width = x.saturating_sub(ACROSS) + EDGE;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"ui-monospace, Menlo, Consolas, monospace\" font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <g fill=\"none\" stroke=\"#57606a\" stroke-width=\"1.5\">\n"
    );
    for (at, node) in graph.nodes.iter().enumerate() {
        let edges = node
            .needs
            .iter()
            .map(|need| (need, ""))
            .chain(node.awaits.iter().map(|need| (need, " stroke-dasharray=\"3 3\"")));
        for (before, dash) in edges {
            if let (Some(from), Some(to)) = (&boxes[*before], &boxes[at]) {
                let (start, end) = (from.x + from.width, to.x);
                let (above, below) = (from.y + HIGH / 2, to.y + HIGH / 2);
                let bend = ACROSS / 2;
                let (leave, arrive) = (start + bend, end.saturating_sub(bend));
                let _ = writeln!(
                    out,
                    "<path d=\"M{start} {above} C{leave} {above} {arrive} {below} {end} {below}\"{dash}/>"
                );
            }
        }
    }
    out.push_str("</g>\n");
    for (node, place) in graph.nodes.iter().zip(&boxes) {
        let Some(Box { x, y, width }) = place else { continue };
        let dash = if node.kind == Kind::Run { "" } else { " stroke-dasharray=\"4 3\"" };
        let (middle, line) = (x + width / 2, y + HIGH / 2 + 4);
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{HIGH}\" rx=\"6\" fill=\"#f6f8fa\" stroke=\"#0969da\"{dash}/>\n\
             <text x=\"{middle}\" y=\"{line}\" text-anchor=\"middle\">{}</text>",
            escaped(&node.label)
        );
    }
    out + "</svg>\n"
}

/// A text as XML has it; what it cannot hold at all is left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !c.is_control()) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}
