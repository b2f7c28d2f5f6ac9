"""The vocabulary: one file a family of operations, one block an operation."""
