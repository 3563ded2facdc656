"""The live side: one layer of a uMap, over HTTP.

How uMap behaves, and on which releases it was tried, is written down in docs/protocol.md; the numbers
of its sections are cited here as "protocol 5".
"""
