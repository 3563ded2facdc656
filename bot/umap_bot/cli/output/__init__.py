"""What commands print: plans and runs in each format, reminders, and the log of the service."""
