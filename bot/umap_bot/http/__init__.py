"""What any site is asked by: deadlines, sizes, patience, certificates, and whom to speak to at all."""
