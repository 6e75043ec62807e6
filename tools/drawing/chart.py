"""A Picture as SVG, by pygal: the same text each time it is drawn."""

import re

import pygal
from pygal.style import Style

_STYLE = Style(
    background="white",
    plot_background="white",
    colors=("#1b6ca8", "#e08a1e", "#6a9a3b"),
    font_family="sans-serif",
    foreground="#333333",
    foreground_strong="#000000",
    foreground_subtle="#bbbbbb",
    label_font_size=13,
    legend_font_size=13,
    opacity="1",
    major_label_font_size=13,
    title_font_size=15,
    value_font_size=12,
    value_label_font_size=12,
)


def svg(picture):
    """The text of the file."""
    chart = pygal.Bar(
        disable_xml_declaration=True,
        explicit_size=True,
        height=360,
        js=(),
        legend_at_bottom=True,
        legend_at_bottom_columns=len(picture.series),
        margin=12,
        print_values=True,
        print_values_position="top",
        show_y_guides=False,
        style=_STYLE,
        title=picture.title,
        truncate_label=-1,
        truncate_legend=-1,
        value_formatter=lambda value: "%g" % value,
        width=760,
        x_title=picture.below,
        y_title=picture.unit,
    )
    chart.uuid = "picture"  # else a new one each time
    chart.x_labels = picture.groups
    for name, numbers in picture.series.items():
        chart.add(name, numbers)
    text = chart.render(is_unicode=True)
    # What the library says of itself and what only a program in a browser would use.
    text = re.sub(r"<!--.*?-->|<script.*?</script>", "", text, flags=re.S)
    return "\n".join(line.rstrip() for line in text.splitlines() if line.strip()) + "\n"
