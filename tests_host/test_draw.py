"""The documents' pictures belong to the kept figures, and are small and safe to show."""

import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import documents
import interpreters
import others
import pytest
from tools.benching import kept
from tools.drawing import pictures

PICTURES = pictures.all_of()
SVG = "{http://www.w3.org/2000/svg}"


def drawn(name):
    """The file as an XML tree."""
    return ET.parse(pictures.FOLDER / name).getroot()


def texts(root, kind):
    return [each.text for each in root.iter(SVG + kind)]


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_shows_the_kept_figures(name):
    picture, root = PICTURES[name], drawn(name)
    values = [each.text for each in root.iter(SVG + "desc") if each.get("class") == "value"]
    wanted = [number for numbers in picture.series.values() for number in numbers]
    assert [float(value) for value in values] == wanted
    for text in (picture.title, picture.unit, picture.below, *picture.groups, *picture.series):
        assert text in texts(root, "text"), text


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_is_small_and_asks_nobody(name):
    text = (pictures.FOLDER / name).read_text(encoding="utf-8")
    assert len(text) < 20000
    assert "<script" not in text
    assert set(re.findall(r"\w+://[^\"\s]*", text)) == {SVG.strip("{}")}


def test_no_other_picture_is_there():
    assert {file.name for file in pictures.FOLDER.iterdir()} == set(PICTURES)


def test_the_table_of_exchanges_has_the_kept_figures():
    page = (documents.DOCS / "how-to" / "buffers.md").read_text(encoding="utf-8")
    figures = kept.load()
    for words, program in (
        ("`requests.get`", "requests.get"),
        ("session of umqtt.simple", "MQTT"),
    ):
        row = re.search(r"^\| a %s \| (\d+) \| (\d+) \|$" % words, page, re.M).groups()
        for how, count in zip(("as written", "gathered"), row):
            assert figures["exchanges: bg95, %s, %s" % (program, how)] == int(count)


def test_another_figure_is_another_picture():
    figures = kept.load()
    name = "pico memory: RAM, frozen, 1 in use: bytes"
    other = pictures.all_of(dict(figures, **{name: figures[name] + 10240}))["ram.svg"]
    now = PICTURES["ram.svg"].series
    assert [ours != theirs for ours, theirs in zip(now.values(), other.series.values())] == [
        True,
        False,
    ]


def test_they_are_what_the_tool_draws():
    others.command("pygal")
    done = subprocess.run(
        [sys.executable, str(interpreters.TOP / "tools" / "draw"), "--check"],
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=600,
    )
    assert (done.returncode, done.stdout) == (0, "")
