"""A line as SVG: no script, no style, so that the strictest policy of a page lets it be."""

from collections.abc import Sequence
from datetime import date

from django.utils.html import format_html
from django.utils.safestring import SafeString

WIDTH, HEIGHT, MARGIN = 640, 160, 24


def line(title: str, values: Sequence[tuple[date, int]]) -> SafeString:
    """Draw values over days; the axis starts at nothing, so that small changes look small."""
    most = max((value for _, value in values), default=0) or 1
    first = values[0][0] if values else date.min
    span = max((values[-1][0] - first).days, 1) if values else 1
    points = " ".join(
        f"{MARGIN + (day - first).days / span * (WIDTH - 2 * MARGIN):.1f},"
        f"{HEIGHT - MARGIN - value / most * (HEIGHT - 2 * MARGIN):.1f}"
        for day, value in values
    )
    return format_html(
        '<svg role="img" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        "<title>{title}</title>"
        '<line x1="{margin}" y1="{base}" x2="{right}" y2="{base}" stroke="#999"/>'
        '<text x="{margin}" y="16" font-size="12">{most}</text>'
        '<text x="{margin}" y="{below}" font-size="12">{first}</text>'
        '<text x="{right}" y="{below}" font-size="12" text-anchor="end">{last}</text>'
        '<polyline points="{points}" fill="none" stroke="#0b6" stroke-width="2"/>'
        "</svg>",
        width=WIDTH,
        height=HEIGHT,
        margin=MARGIN,
        base=HEIGHT - MARGIN,
        right=WIDTH - MARGIN,
        below=HEIGHT - 6,
        title=title,
        most=most,
        first=values[0][0] if values else "",
        last=values[-1][0] if values else "",
        points=points,
    )
