"""``muster demo``: the main job on real input, over real HTTP, on one machine."""
