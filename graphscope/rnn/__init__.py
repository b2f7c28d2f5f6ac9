"""Recurrent networks: cells, and what runs them along sequences, as a loop or step by step."""
