"""Arithmetic of memory, parallelism and speed: numbers in, numbers out."""
