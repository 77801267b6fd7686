"""What each limit and choice is worth, how far that holds, and the report that says so."""
