"""What a planner gives: tables, settings, folders, workbooks, checks, changes and decisions."""
