"""Methods: one file each; they ask the search and never look at a county."""
