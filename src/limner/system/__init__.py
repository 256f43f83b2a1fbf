"""The machine: its cores and priorities, its folders and files."""
