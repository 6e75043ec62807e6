"""A console for a module: see cli."""
