"""The full screen: the same prompt, with all that is seen from a place around it."""
