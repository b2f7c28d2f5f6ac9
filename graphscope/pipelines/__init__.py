"""Data in: datasets and iterators, queues and those who fill them, files, examples in records."""
