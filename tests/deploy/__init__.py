"""What is in deploy/: the unit, the container, the proxies, each tried as far as this machine can."""
