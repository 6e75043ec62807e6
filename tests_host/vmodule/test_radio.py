"""The RRC connection, and TCP's acknowledgement, which keeps it."""

from .host import Host


def test_the_last_of_several_acknowledgements_keeps_the_connection():
    host = Host()
    host.open()
    for _ in range(2):
        host.type('AT+QISENDEX=0,"41",1')
        host.clock.advance(0.04)
    host.clock.advance(2)  # RAI 1 would have released it a second after the last byte
    assert host.module.rrc_connected
