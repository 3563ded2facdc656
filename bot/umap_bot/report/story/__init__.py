"""What is told of plans and runs, whatever the format and the language."""
