"""From a URL to a connected socket: names, dialling, proxies, TLS, cookies."""
