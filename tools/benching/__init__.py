"""What `tools/bench` measures and prints: see tools/README.md, "The bench"."""
