"""How the catalogue's tables are brought up to date: asked of their official sources, compared, shown as a diff.

Each source has a file: a thin part that asks, and a pure one that turns what was answered into rows.
"""
