"""Who owns capacity at run time: what decides and acts (`runtime`), and what a stack installs for it."""
