"""Figures printed in guides that people read, each compared with the product's own."""
