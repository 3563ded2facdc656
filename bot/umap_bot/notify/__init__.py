"""Where a finished pass is announced: messages to people, pings to what watches over the bot."""
