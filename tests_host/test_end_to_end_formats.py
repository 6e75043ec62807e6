"""Settings that change how data and answers look, one after the other and all at once."""

import end_to_end
import end_to_end_peers as peers
import pytest

RECEIVED = ("dataformat=0,1", "viewmode=1", "dataformat=0,0", "viewmode=0")
PROMPT = ("qisde=1", "dataformat=1,1", "viewmode=1", "qisde=0", "dataformat=1,0")
SETTINGS = {
    "bc95": RECEIVED + ("showlength=0", "dataformat=0,1"),
    "bc92": RECEIVED,
    "bc20": RECEIVED,
    "bg95": RECEIVED + PROMPT,
    "bc25": RECEIVED,
    "rm500u": RECEIVED + ("sendinfo=1", "close mode=1", "formatcfg=1") + PROMPT + ("sendinfo=0",),
}


@pytest.mark.parametrize("dialect", list(end_to_end.MODELS))
def test_every_form(interpreter, dialect):
    with peers.tcp() as tcp, end_to_end.module(interpreter, dialect=dialect) as module:
        module.run("formats", "every", tcp.port, *SETTINGS[dialect])
