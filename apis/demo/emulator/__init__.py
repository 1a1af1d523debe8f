"""The emulated AWS: moto made to behave as AWS does, CloudTrail and STS, and the stand-in gateway."""
