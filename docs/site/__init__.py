"""What is made of the code for people to read: the site, the manual page, completion scripts."""
