"""When the bot runs: a line as crontab means it, in a time zone; the next time that it names."""
