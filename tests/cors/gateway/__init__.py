"""What API Gateway accepts, routes and answers."""
