"""The way back: the features of a layer as a dataset file, for people who have only the map."""
