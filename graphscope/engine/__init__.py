"""Plans, the one interpreter loop, sessions and what they remember."""
