"""Gait: foot strikes, strides and joint angles over the cycle of people who walk."""
