"""Real decisions, replayed: their faults declared or served anew, each to be found by a rule."""
