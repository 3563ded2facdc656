"""A repository on this machine or a server: found, fetched, and read at a commit, never checked out."""
