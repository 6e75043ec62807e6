"""The virtual module: a Quectel module on a UART, played in software (see README.md).

In a process of one's own: `create("bg95", network, clock)`, then `feed` and `take`.
"""

from . import dialects, faults


def create(key, network, clock, fault_specs=(), **options):
    """A module of the dialect `key`; options: model, latency, rtt, seed."""
    kind = dialects.find(key)
    return kind(network, clock, [faults.make(spec) for spec in fault_specs], **options)
