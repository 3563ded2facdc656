"""A run of one layer, step by step, until it stands and is written down; and a pass over many layers."""
