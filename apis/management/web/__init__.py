"""The web server: uvicorn with deadlines and limits for each client, in front of Django's threads."""
