//! The picture as an image that needs nothing else: no font, no script, no style sheet.

use std::fmt::Write as _;

use super::layout::Layout;
use super::picture::Picture;

const COLORS: [&str; 8] = ["#1a7f37", "#0969da", "#8250df", "#bf8700", "#cf222e", "#1b7c83", "#bf3989", "#57606a"];
const ACROSS: usize = 18;
const DOWN: usize = 26;
const EDGE: usize = 20;
/// What a character takes, roughly: only the size of the whole hangs on it.
const LETTER: usize = 8;

pub(super) fn draw(picture: &Picture, layout: &Layout) -> String {
    let rows = picture.commits.len();
    let (x, y) = (|column: usize| EDGE + column * ACROSS, |row: usize| EDGE + row * DOWN);
    let text_x = x(layout.width) + 4;
    let longest = picture.commits.iter().map(length).max().unwrap_or_default();
    let (width, height) = (text_x + longest * LETTER + EDGE, y(rows) + EDGE / 2);
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"ui-monospace, Menlo, Consolas, monospace\" font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n\
         <g fill=\"none\" stroke-width=\"2\">\n"
    );
    for edge in &layout.edges {
        let start = (x(layout.column[edge.from]), y(edge.from));
        let end_column = if edge.to < rows { layout.column[edge.to] } else { edge.by };
        let end = (x(end_column), if edge.to < rows { y(edge.to) } else { y(rows) - DOWN / 2 });
        let by = x(edge.by);
        let mut path = format!("M{} {}", start.0, start.1);
        let half = DOWN / 2;
        if by != start.0 {
            // Leaves sideways, and comes down in its column one row below.
            let _ = write!(path, " C{by} {} {by} {} {by} {}", start.1, start.1 + half, start.1 + DOWN);
        }
        if by == end.0 {
            let _ = write!(path, " L{} {}", end.0, end.1);
        } else {
            let turn = end.1.saturating_sub(DOWN).max(start.1);
            let _ = write!(path, " L{by} {turn} C{by} {} {by} {} {} {}", turn + half, end.1, end.0, end.1);
        }
        let dash = if edge.to < rows { "" } else { " stroke-dasharray=\"3 3\"" };
        let _ = writeln!(out, "<path d=\"{path}\" stroke=\"{}\"{dash}/>", color(edge.lane));
    }
    out.push_str("</g>\n");
    for (row, spot) in picture.commits.iter().enumerate() {
        let (cx, cy) = (x(layout.column[row]), y(row));
        let fill = color(spot.lane);
        let title = format!("<title>{} in {}</title>", spot.id, escaped(&picture.lanes[spot.lane].name));
        let _ = if spot.tags.is_empty() {
            writeln!(out, "<circle cx=\"{cx}\" cy=\"{cy}\" r=\"5\" fill=\"{fill}\">{title}</circle>")
        } else {
            let (left, right, top, bottom) = (cx - 7, cx + 7, cy - 7, cy + 7);
            writeln!(
                out,
                "<path d=\"M{cx} {top} L{right} {cy} L{cx} {bottom} L{left} {cy} Z\" fill=\"{fill}\">{title}</path>"
            )
        };
        let _ = write!(
            out,
            "<text x=\"{text_x}\" y=\"{}\" fill=\"#1f2328\"><tspan fill=\"#656d76\">{}</tspan>",
            cy + 4,
            spot.id.short()
        );
        for name in &spot.branches {
            let _ = write!(out, " <tspan fill=\"{fill}\" font-weight=\"bold\">[{}]</tspan>", escaped(name));
        }
        for tag in &spot.tags {
            let _ = write!(out, " <tspan fill=\"#9a6700\" font-weight=\"bold\">‹{}›</tspan>", escaped(tag));
        }
        let _ = writeln!(out, " {}</text>", escaped(&spot.subject));
    }
    out.push_str("</svg>\n");
    out
}

/// How many letters a row has, roughly.
fn length(spot: &super::picture::Spot) -> usize {
    let names: usize = spot.branches.iter().chain(&spot.tags).map(|name| name.chars().count() + 3).sum();
    spot.id.short().len() + 1 + names + spot.subject.chars().count()
}

fn color(lane: usize) -> &'static str {
    COLORS[lane % COLORS.len()]
}

/// Text inside XML. What XML has no character for was taken out already.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
