"""The sections of the report, one module each: a plan's results in, blocks of words, tables and pictures out."""
