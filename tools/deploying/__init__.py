"""The parts of `tools/deploy`."""
