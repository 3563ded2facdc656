"""The catalogues: what other languages than English say. Made from the code by `make translations`."""
