"""Does for the README's quick start what curl does, on machines without one: -s, -H and --json."""

import sys
import urllib.request


def main(arguments: list[str]) -> None:
    """Send the request that the arguments describe, and print the answer."""
    headers: dict[str, str] = {}
    url, body = "", None
    words = iter(arguments)
    for word in words:
        if word == "-H":
            name, _, value = next(words).partition(":")
            headers[name] = value.strip()
        elif word == "--json":
            body = next(words).encode()
            headers["Content-Type"] = "application/json"
        elif word != "-s":
            url = word
    with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=30) as answer:
        sys.stdout.write(answer.read().decode())


if __name__ == "__main__":
    main(sys.argv[1:])
