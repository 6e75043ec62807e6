"""The set-up: what it installs is pinned, and nothing in it names a registry."""

import json
import re
import sys

import interpreters
import others
import pytest

SETUP = interpreters.TOP / "tools" / "setup"
NPM = ("wasm", "oldest", "newest", "pico", "pyright")  # folders with a lock file

MODERN = """\
# A comment.
Types: deb
URIs: http://mirror.invalid/debian
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://mirror.invalid/security
Suites: bookworm-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""

OTHER = """\
Types: deb
URIs: http://vendor.invalid/node
Suites: nodistro
Components: main
Signed-By: /usr/share/keyrings/vendor.gpg
"""

OLD = """\
deb http://mirror.invalid/debian bookworm main
# deb http://mirror.invalid/debian bookworm contrib
deb-src http://mirror.invalid/debian bookworm main
deb http://vendor.invalid/apt vendor-bookworm main
"""


DEPENDS = """\
broker
  PreDepends: init-scripts
  Depends: libone1
 |Depends: libtwo2t64
  Depends: <libvirtual>
    libone1
  Recommends: libthree3
libone1
  Depends: libc6
  Depends: zlib1g
libc6
  Depends: libone1
"""


@pytest.fixture
def apt_sources(monkeypatch, tmp_path):
    """The module, with an /etc/apt of its own."""
    monkeypatch.syspath_prepend(str(SETUP))
    import apt_sources

    (tmp_path / "sources.list.d").mkdir()
    monkeypatch.setattr(apt_sources, "_APT", tmp_path)
    yield apt_sources
    del sys.modules["apt_sources"]


def test_sources_of_the_other_release(apt_sources, tmp_path):
    (tmp_path / "sources.list.d" / "debian.sources").write_text(MODERN)
    (tmp_path / "sources.list.d" / "vendor.sources").write_text(OTHER)
    modern, old = apt_sources.rewritten("bookworm", "trixie")
    assert re.findall("^Suites: (.*)$", modern, re.M) == [
        "trixie trixie-updates",
        "trixie-security",
    ]
    assert "vendor" not in modern
    assert old == ""


def test_sources_in_the_old_form(apt_sources, tmp_path):
    (tmp_path / "sources.list").write_text(OLD)
    assert apt_sources.rewritten("bookworm", "trixie") == (
        "",
        "deb http://mirror.invalid/debian trixie main\n",
    )


def test_entries_that_tell_of_source_packages(apt_sources, tmp_path):
    (tmp_path / "sources.list").write_text(OLD)
    (tmp_path / "sources.list.d" / "debian.sources").write_text(MODERN)
    modern, old = apt_sources.with_sources(*apt_sources.rewritten("bookworm", "trixie"))
    assert re.findall("^Types: (.*)$", modern, re.M) == ["deb deb-src"] * 2
    assert old == (
        "deb http://mirror.invalid/debian trixie main\n"
        "deb-src http://mirror.invalid/debian trixie main\n"
    )


def test_sources_of_the_same_release(apt_sources, tmp_path):
    (tmp_path / "sources.list").write_text(OLD.replace("bookworm", "trixie"))
    _, old = apt_sources.rewritten("trixie", "trixie")
    assert old == "deb http://mirror.invalid/debian trixie main\n"


def test_libraries_of_a_package(monkeypatch):
    monkeypatch.syspath_prepend(str(SETUP))
    import debian

    asked = []

    def run(command):
        asked.append(command[-1])
        return DEPENDS

    monkeypatch.setattr(debian, "run", run)
    names = debian._with_libraries([], ["broker"])
    assert sorted(names) == ["broker", "libc6", "libone1", "libtwo2t64", "zlib1g"]
    assert len(asked) == 2
    for name in ("debian", "common", "apt_sources"):
        sys.modules.pop(name, None)


def test_a_missing_program_is_a_skip_with_its_reason(monkeypatch):
    found = {"broker": {"missing": "no apt\nhere"}, "web": {"command": "x", "version": "web 1"}}
    monkeypatch.setattr(others, "_found", lambda: found)
    assert others.command("web") == "x"
    for name, reason in (("broker", "no apt"), ("unheard-of", "not set up")):
        with pytest.raises(pytest.skip.Exception, match=reason):
            others.command(name)
    assert list(others.describe()) == ["program broker: MISSING (no apt)", "program web: web 1"]


def test_everything_is_pinned():
    for line in (SETUP / "requirements.txt").read_text().splitlines():
        assert line.startswith("#") or re.fullmatch(r"[\w-]+==[\w.]+", line)
    for folder in NPM:
        package = json.loads((SETUP / folder / "package.json").read_text())
        for version in package["dependencies"].values():
            assert re.fullmatch(r"\d+\.\d+\.\d+(-\d+)?", version)


@pytest.mark.parametrize("file", ["programs.txt", "stubs.txt"])
def test_programs_are_pinned_by_their_hashes(file):
    text = (SETUP / file).read_text()
    lines = [line for line in text.replace("\\\n", " ").splitlines() if line[:1] != "#"]
    assert lines
    for line in lines:
        assert re.fullmatch(r"[\w.-]+==[\d.]+(b\d+|post\d+)? +--hash=sha256:[0-9a-f]{64}", line)


@pytest.mark.parametrize("folder", NPM)
def test_lock_file_has_hashes_and_no_hosts(folder):
    text = (SETUP / folder / "package-lock.json").read_text()
    assert "resolved" not in text
    assert "://" not in text
    packages = json.loads(text)["packages"]
    assert all(entry["integrity"] for name, entry in packages.items() if name)


def test_interpreters_are_what_they_say(interpreter, tmp_path):
    program = tmp_path / "who.py"
    program.write_text("import sys; print(sys.implementation.name, sys.platform, sys.maxsize)")
    done = interpreters.run_program(interpreter, program)
    name, platform, largest = done.stdout.split()
    assert name == ("cpython" if interpreter == "cpython" else "micropython")
    assert platform == ("webassembly" if interpreter == "wasm" else "linux")
    assert (int(largest) < 1 << 32) == (interpreter == "wasm")
