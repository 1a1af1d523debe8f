"""Terraform: its language (HCL) and its JSON, configurations, plans and states."""
