"""One layer: read, written under uMap's lock, its versions, and what a push ran over."""
