"""The command line: parse, call, print. What is decided, computed or written is decided in the rooms below."""
