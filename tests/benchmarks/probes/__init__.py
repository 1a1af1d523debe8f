"""What a probe costs, and how punctually many of them run.

    python -m tests.benchmarks.probes cpu [--hosts 1000] [--rounds 5]
    python -m tests.benchmarks.probes rate [--rate 5000] [--minutes 2] [--hanging 0]

Both use PostgreSQL and hosts on this machine, in processes of their own. These speak HTTP/2 over TLS, as API Gateway
does.
"""
