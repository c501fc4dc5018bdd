"""The process in which disks are simulated: `python -m tests.crash.simulated --help`. It answers in JSON.

`cuts` cuts the power, `faults` does so with each fault planted, `errors` has the disk refuse calls.

It holds SQLite as apsw bundles it and no other: nothing of the engine is imported before that is settled.
"""

import asyncio
import sys
from argparse import ArgumentParser, Namespace

import msgspec

from tests.crash import apsw_sqlite


def main() -> None:
    given = _arguments()
    apsw_sqlite.install()
    sys.stdout.write(msgspec.json.encode(asyncio.run(_told(given))).decode() + "\n")


async def _told(given: Namespace) -> object:
    from tests.crash import errors, faults, power

    if given.what == "cuts":
        return (await power.cut(cuts=given.cuts, seed=given.seed, seconds=given.seconds)).tell()
    if given.what == "errors":
        return await errors.at_every_call(given.seed, every=given.every)
    return {name: await power.found(planted, given.seed) for name, planted in faults.FAULTS.items()}


def _arguments() -> Namespace:
    parser = ArgumentParser(description="Break a simulated disk below the engine, and tell what was lost.")
    parser.add_argument("what", choices=("cuts", "faults", "errors"))
    parser.add_argument("--cuts", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--every", type=int, default=1, help="errors: use one of so many ways to refuse a call")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="stop after that time")
    return parser.parse_args()


if __name__ == "__main__":
    main()
