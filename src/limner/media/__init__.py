"""Images and videos in and out: what an input is, reading it upright, writing the result."""
