# SPDX-License-Identifier: Apache-2.0
"""Charts as SVG: text stays text, every axis begins at zero, whiskers go from the least to the
most. The colours follow the viewer's light or dark scheme; a viewer that knows no schemes shows the
light ones.
"""

import collections
import html
import math
import textwrap

# `values`: one {"median", "least", "most"} for each category or row, None where there is none.
# `look`: the class of its colour in STYLE.
Series = collections.namedtuple("Series", "name look values")
# `along`: what the categories are. `marks`: values at which a line goes across. `top`: the axis
# goes at least so far.
Panel = collections.namedtuple("Panel", "title unit along categories series marks top",
                               defaults=((), 0.0))

WIDTH = 760
MARGIN = 18
LINE = 15
REFERENCE = "c"  # the look of what the others are held against
# Letters in a line of each.
TITLE = 74
FOOT = 118
STYLE = """
text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:12px;fill:#1f2328}
.back{fill:#ffffff}.title{font-size:16px;font-weight:600}.panel{font-weight:600}
.small{font-size:11px}.value{font-size:11px;paint-order:stroke;stroke:#ffffff;stroke-width:3px}
.foot{font-size:11px;fill:#59636e}
.grid{stroke:#d8dee4}.axis{stroke:#6e7781}.mark{stroke:#59636e;stroke-dasharray:5 4}
.whisker{stroke:#1f2328;stroke-width:1.3}.join{fill:none;stroke-width:1.8}
.a{fill:#0969a8}.b{fill:#c4520a}.c{fill:#7d8590}.d{fill:#9cc8e8}
.p{fill:#a9cbe8}.q{fill:#3f87c4}.r{fill:#0b3f73}
line.a,path.a{stroke:#0969a8}line.b,path.b{stroke:#c4520a}line.c,path.c{stroke:#7d8590}
@media (prefers-color-scheme:dark){
text{fill:#e6edf3}.back{fill:#0d1117}.value{stroke:#0d1117}.foot{fill:#9198a1}
.grid{stroke:#2b323b}.axis{stroke:#9198a1}.mark{stroke:#9198a1}.whisker{stroke:#e6edf3}
.a{fill:#4ea8e0}.b{fill:#f0883e}.c{fill:#8b949e}.d{fill:#28618a}
.p{fill:#1f5486}.q{fill:#4a97d6}.r{fill:#c9e2f8}
line.a,path.a{stroke:#4ea8e0}line.b,path.b{stroke:#f0883e}line.c,path.c{stroke:#8b949e}}
path.join{fill:none}
"""


class Drawing:
    def __init__(self):
        self.parts = []

    def text(self, x, y, words, look="", anchor="start"):
        of_look = f' class="{look}"' if look else ""
        of_anchor = f' text-anchor="{anchor}"' if anchor != "start" else ""
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}"{of_look}{of_anchor}>'
                          f"{html.escape(words, quote=False)}</text>")

    def line(self, x1, y1, x2, y2, look):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
                          f'class="{look}"/>')

    def box(self, x, y, width, height, look):
        self.parts.append(f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.1f}" '
                          f'height="{max(height, 0):.1f}" class="{look}"/>')

    def point(self, x, y, look):
        """A shape for each look, for who does not see the colours."""
        if look == "a":
            self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5" class="a"/>')
        elif look == "b":
            self.box(x - 4, y - 4, 8, 8, "b")
        else:
            self.parts.append(f'<path d="M{x:.1f} {y - 5:.1f}l5 9h-10z" class="{look}"/>')

    def join(self, points, look):
        at = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
        self.parts.append(f'<path d="M{at}" class="{look} join"/>')

    def whisker(self, x1, y1, x2, y2):
        """From the least to the most, upright or lying."""
        across, along = (3.5, 0) if x1 == x2 else (0, 3.5)
        self.line(x1, y1, x2, y2, "whisker")
        for x, y in ((x1, y1), (x2, y2)):
            self.line(x - across, y - along, x + across, y + along, "whisker")


def ticks(most):
    """From zero, four to eight of them, the last not below `most`."""
    if most <= 0:
        return [0.0, 1.0]
    power = 10 ** math.floor(math.log10(most))
    step = next(part * power for part in (0.1, 0.2, 0.25, 0.5, 1, 2)
                if most / (part * power) <= 6)
    return [number * step for number in range(math.ceil(most / step - 1e-9) + 1)]


def said(value):
    """As short as it says enough."""
    if value == 0 or value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}" if value >= 0.095 else f"{value:.3f}"


def on_axis(value, every):
    digits = max(0, -math.floor(math.log10(every[1]) + 1e-9))
    if digits and round(every[1], digits) != round(every[1], 6):
        digits += 1  # a step of a quarter
    return f"{value:,.{digits}f}"


def highest(panel):
    return max([panel.top, *panel.marks,
                *(one["most"] for series in panel.series for one in series.values if one)])


def finished(title, foot, height, draw):
    """The whole file; `draw` is what stands between the title and the foot."""
    lines = [part for line in foot for part in textwrap.wrap(line, FOOT)]
    total = height + LINE * len(lines) + MARGIN
    drawing = Drawing()
    draw(drawing)
    for number, words in enumerate(lines):
        drawing.text(MARGIN, height + 8 + LINE * number, words, "foot")
    body = "\n".join(drawing.parts)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {total}" '
            f'width="{WIDTH}" height="{total}" role="img">\n<title>{html.escape(title)}</title>\n'
            f"<style>{STYLE}</style>\n"
            f'<rect class="back" width="{WIDTH}" height="{total}"/>\n{body}\n</svg>\n')


def head(drawing, title, series, line):
    """Title and legend, of points on a line or of bars. Says where the panels begin."""
    y = MARGIN + 10
    for words in textwrap.wrap(title, TITLE):
        drawing.text(MARGIN, y, words, "title")
        y += 20
    x = MARGIN
    for one in series if len(series) > 1 else ():
        if line:
            drawing.point(x + 6, y + 1, one.look)
        else:
            drawing.box(x, y - 5, 12, 12, one.look)
        drawing.text(x + 18, y + 5, one.name)
        x += 40 + 6.6 * len(one.name)
    return y + (24 if len(series) > 1 else 6)


def upright(title, foot, panels):
    """Panels beside each other, each with its categories along the bottom and points that a line
    joins."""
    height = 408

    def draw(drawing):
        top = head(drawing, title, panels[0].series, True)
        width = (WIDTH - 2 * MARGIN + 14) / len(panels)
        for number, panel in enumerate(panels):
            draw_panel(drawing, panel, (MARGIN + number * width, top, width - 14, height - top))
    return finished(title, foot, height, draw)


def draw_panel(drawing, panel, place):
    x, y, width, height = place
    drawing.text(x, y + 8, panel.title, "panel")
    drawing.text(x, y + 24, panel.unit, "small")
    left, top, bottom = x + 46, y + 36, y + height - 58
    right, every = x + width, ticks(highest(panel))

    def at(value):
        return bottom - (bottom - top) * value / every[-1]
    for tick in every:
        drawing.line(left, at(tick), right, at(tick), "grid" if tick else "axis")
        drawing.text(left - 6, at(tick) + 4, on_axis(tick, every), "small", "end")
    for value in panel.marks:
        drawing.line(left, at(value), right, at(value), "mark")
    step = (right - left) / len(panel.categories)
    middles = [left + step * (number + 0.5) for number in range(len(panel.categories))]
    for middle, category in zip(middles, panel.categories):
        drawing.text(middle, bottom + 17, category, "", "middle")
    drawing.text((left + right) / 2, bottom + 36, panel.along, "small", "middle")
    draw_points(drawing, [series for series in panel.series if any(series.values)], middles, at)


def draw_points(drawing, shown, middles, at):
    """Beside each other, that whiskers do not cover each other."""
    found = []
    for of, series in enumerate(shown):
        aside = 18 * (of - (len(shown) - 1) / 2)
        places = [(middle + aside, one, series.look, middle)
                  for middle, one in zip(middles, series.values) if one]
        drawing.join([(x, at(one["median"])) for x, one, _, _ in places], series.look)
        found += places
    for x, one, look, _ in found:
        drawing.whisker(x, at(one["least"]), x, at(one["most"]))
        drawing.point(x, at(one["median"]), look)
    for middle in middles:
        # The higher has its value above it, the lower below; the reference's would be too much.
        own = sorted((place for place in found if place[3] == middle and place[2] != REFERENCE),
                     key=lambda place: place[1]["median"])
        for x, one, _, _ in own[-1:]:
            drawing.text(x, at(one["most"]) - 8, said(one["median"]), "value", "middle")
        for x, one, _, _ in own[:-1][:1]:
            drawing.text(x, at(one["least"]) + 16, said(one["median"]), "value", "middle")


def lying(title, foot, panel):
    """One panel of rows, each with a bar for each series and its value behind it."""
    thick, gap, left = (15, 14, 224) if len(panel.series) < 3 else (12, 13, 196)
    row = thick * len(panel.series) + gap
    every = ticks(highest(panel))
    legend = 24 if len(panel.series) > 1 else 6
    height = MARGIN + 10 + 20 * len(textwrap.wrap(title, TITLE)) + legend + 8 \
        + row * len(panel.categories) + 62

    def draw(drawing):
        top = head(drawing, title, panel.series, False) + 8
        bottom = top + row * len(panel.categories)
        right = WIDTH - MARGIN - 58

        def at(value):
            return left + (right - left) * value / every[-1]
        for tick in every:
            drawing.line(at(tick), top, at(tick), bottom, "grid" if tick else "axis")
            drawing.text(at(tick), bottom + 16, on_axis(tick, every), "small", "middle")
        drawing.text(left, bottom + 34, panel.unit, "small")
        for value in panel.marks:
            drawing.line(at(value), top, at(value), bottom, "mark")
        for number, category in enumerate(panel.categories):
            y = top + row * number + gap / 2
            drawing.text(left - 8, y + (row - gap) / 2 + 4, category, "", "end")
            for of, series in enumerate(panel.series):
                one = series.values[number]
                if one is None:
                    continue
                middle = y + thick * (of + 0.5)
                drawing.box(left, middle - thick / 2 + 1, at(one["median"]) - left, thick - 2,
                            series.look)
                drawing.whisker(at(one["least"]), middle, at(one["most"]), middle)
                drawing.text(at(one["most"]) + 8, middle + 4, said(one["median"]), "value")
    return finished(title, foot, height, draw)
