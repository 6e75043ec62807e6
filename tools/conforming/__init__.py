"""What tools/conform is made of."""
