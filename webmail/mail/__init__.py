"""What mail is. Pure: values in, values out; no socket, no clock, no environment, no Flask."""
