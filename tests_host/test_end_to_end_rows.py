"""Our sockets beside the unix port's own: the same program, the same transcript."""

import end_to_end
import end_to_end_peers as peers
import pytest

# Where the contract wants another answer than the unix port gives: (the port's own, ours).
DIFFERENT = [
    # "timeout over: recv: ETIMEDOUT"; the unix port forgets that there was a time-out.
    ("time over: recv: OSError EAGAIN", "time over: recv: OSError ETIMEDOUT"),
]


@pytest.mark.interpreters("unix")
def test_transcripts_are_the_same(interpreter):
    with peers.tcp() as tcp, peers.refusing() as refusing:
        with end_to_end.module(interpreter) as module:
            native = module.run("rows", "native", tcp.port, refusing)
            ours = module.run("rows", "ours", tcp.port, refusing)
    assert len(native) == len(ours)
    assert [(own, our) for own, our in zip(native, ours) if own != our] == DIFFERENT
