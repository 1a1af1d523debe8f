"""What browsers print to their console about a blocked call, in their own words and languages."""
