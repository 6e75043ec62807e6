"""The documents' pictures of the bench's figures: see tools/README.md, "The pictures"."""
