"""What a gateway needs of a plan: its limits and fallbacks, the size of a front, its refusals, notes and texts."""
