"""The HTTP API, the pages and the command line: everything that meets the outside."""
