"""Values that pass between the rooms: no files, no threads."""
