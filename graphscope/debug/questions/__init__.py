"""One file a question, each a function that returns an answer."""
