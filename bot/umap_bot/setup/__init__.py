"""Setting up: questions, the trying of each answer, and the settings' file that they end in."""
