"""Ratios measured in one run, on this machine: figures to compare, never tests."""
