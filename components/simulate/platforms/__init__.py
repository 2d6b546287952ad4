"""Platforms in memory: they answer the calls of the keeper's drivers, and take their time as the real ones do."""
