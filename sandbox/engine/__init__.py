"""A scripted engine: what a model server would answer, on every target alike."""
