"""Which options of curl are followed by a value: without that list a value is taken for the URL."""

from __future__ import annotations

_SHORT = "ACDEFHKPQTUXYbcdemortuwxyz"
# By `curl --help all`, with those that it has had since and those that it has given up.
_LONG = """abstract-unix-socket alt-svc aws-sigv4 cacert capath cert cert-type ciphers config connect-timeout connect-to
continue-at cookie cookie-jar create-file-mode crlfile curves data data-ascii data-binary data-raw data-urlencode
delegation dns-interface dns-ipv4-addr dns-ipv6-addr dns-servers doh-url dump-header ech egd-file engine etag-compare
etag-save expect100-timeout form form-string ftp-account ftp-alternative-to-user ftp-method ftp-port ftp-ssl-ccc-mode
happy-eyeballs-timeout-ms haproxy-clientip header hostpubmd5 hostpubsha256 hsts interface ip-tos ipfs-gateway json
keepalive-cnt keepalive-time key key-type knownhosts krb krb4 libcurl limit-rate local-port login-options mail-auth
mail-from mail-rcpt max-filesize max-redirs max-time netrc-file noproxy oauth2-bearer output output-dir parallel-max
parallel-max-host pass pinnedpubkey preproxy proto proto-default proto-redir proxy proxy-cacert proxy-capath proxy-cert
proxy-cert-type proxy-ciphers proxy-crlfile proxy-header proxy-key proxy-key-type proxy-pass proxy-pinnedpubkey
proxy-service-name proxy-tls13-ciphers proxy-tlsauthtype proxy-tlspassword proxy-tlsuser proxy-user proxy1.0 pubkey
quote random-file range rate referer request request-target resolve retry retry-delay retry-max-time sasl-authzid
service-name signature-algorithms sigalgs socks4 socks4a socks5 socks5-gssapi-service socks5-hostname speed-limit
speed-time stderr telnet-option tftp-blksize time-cond tls-max tls13-ciphers tlsauthtype tlspassword tlsuser trace
trace-ascii trace-config unix-socket upload-file upload-flags url url-query user user-agent variable vlan-priority
write-out"""
_WITH_VALUE = frozenset(f"-{letter}" for letter in _SHORT) | frozenset(f"--{name}" for name in _LONG.split())


def plain(option: str) -> str:
    """Return a long option without the `expand-` that makes curl fill in variables in its value."""
    return f"--{option.removeprefix('--expand-')}" if option.startswith("--expand-") else option


def takes_value(option: str) -> bool:
    """Return whether an option, written `-x` or `--name`, is followed by a value."""
    return option in _WITH_VALUE
