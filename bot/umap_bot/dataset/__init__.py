"""The desired side: a dataset file in a git repository, read at a commit, decoded and validated."""
