"""Commands: the AWS CLI, the shell that its commands are written in, and the files that hold such commands."""
