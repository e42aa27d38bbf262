"""What ``muster plugin new`` writes: a whole package, with a sample of each hook asked for."""
