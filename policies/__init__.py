"""The policy pack: one file per domain; `__main__` builds the pack, `config/` holds the limits per stack."""
