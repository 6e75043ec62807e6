"""What `tools/demo` does: a server, the virtual module, a program with the driver, and a view of
what passes between them."""
