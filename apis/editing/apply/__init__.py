"""Apply a planned configuration to AWS, verify it, revert it, and deploy stages."""
