"""Spreadsheets (XLSX, ODS), read in a process of their own with limits."""
