"""The machine's own Debian package sources, rewritten for another release."""

import re
from pathlib import Path

_APT = Path("/etc/apt")


def os_release():
    """The fields of /etc/os-release, empty where there is none."""
    try:
        text = Path("/etc/os-release").read_text()
    except OSError:
        return {}
    return dict(re.findall(r'^(\w+)="?([^"\n]*)"?$', text, re.M))


def _stanzas(text):
    lines = (line for line in text.splitlines() if not line.lstrip().startswith("#"))
    return [part for part in re.split(r"\n\s*\n", "\n".join(lines)) if part.strip()]


def rewritten(codename, wanted):
    """The entries that name this machine's release, as (deb822 text, one-line text).

    Third-party entries stay behind: their suites are not named after the release.
    """
    word = re.compile(r"\b%s\b" % re.escape(codename))
    of_release = re.compile(r"(^|\s)%s(\s|$)" % re.escape(codename))
    modern, old = [], []
    for path in sorted(_APT.glob("sources.list.d/*.sources")):
        for stanza in _stanzas(path.read_text()):
            suites = re.search(r"^Suites:(.*)$", stanza, re.M)
            signed = re.search(r"^Signed-By:.*debian", stanza, re.M)
            if suites and word.search(suites.group(1)) and signed:
                modern.append(word.sub(wanted, stanza))
    for path in [_APT / "sources.list", *sorted(_APT.glob("sources.list.d/*.list"))]:
        if path.is_file():
            for line in path.read_text().splitlines():
                if line.startswith("deb ") and of_release.search(line):
                    old.append(word.sub(wanted, line))
    return "\n\n".join(modern) + "\n" * bool(modern), "\n".join(old) + "\n" * bool(old)


def with_sources(modern, old):
    """The same entries, which then tell of source packages too."""
    more = (re.sub("^deb ", "deb-src ", line, flags=re.M) for line in old.splitlines(True))
    return re.sub("^Types:.*$", "Types: deb deb-src", modern, flags=re.M), old + "".join(more)
