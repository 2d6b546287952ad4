"""How is each of the three platforms looked at, started and stopped? One driver each, behind `target.Target`."""
