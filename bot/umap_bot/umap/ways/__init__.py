"""How the bot signs in: each sign-in method, and which of them fits a map."""
