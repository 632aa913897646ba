"""Several machines of one site, each a process: a machine that dies, what all share, the balancer, a deploy."""
