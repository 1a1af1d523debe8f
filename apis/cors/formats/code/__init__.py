"""Programs that define an API: CDK, Pulumi and SST, and the JavaScript that some of them are read from."""
