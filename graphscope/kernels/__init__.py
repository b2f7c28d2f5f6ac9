"""Arrays in, arrays out: the matrix product and the counter-based random numbers."""
