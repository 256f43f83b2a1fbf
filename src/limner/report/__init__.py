"""Recordings to look at: one HTML page with video and charts, and plots for papers."""
