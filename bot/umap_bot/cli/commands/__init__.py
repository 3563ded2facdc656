"""The commands, one module each: parse, wire, run, render, exit code."""
