"""Everything that is said to AWS; the only room that imports boto3."""
