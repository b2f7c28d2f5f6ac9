"""Conversation: the prompt, and the running of scripts under it."""
