"""What is refused, and what a person is asked about first."""
