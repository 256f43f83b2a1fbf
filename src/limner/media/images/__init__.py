"""Image files: what their headers say, and their pixels, whatever state the files are in."""
