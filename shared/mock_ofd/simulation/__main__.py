"""``python -m mock_ofd.simulation``: one seed with its story, or many in a row.

``--seed 17 --story`` tells everything that happened in world 17; ``--seeds 0-199`` lives through two hundred worlds, and
the exit code says whether all were clean; ``--defect overtaking`` plants a defect first.
"""

from __future__ import annotations

import argparse
import sys

from fiscal.faults.misfortunes import MISFORTUNES
from mock_ofd.simulation.defects import Defect
from mock_ofd.simulation.running import run_many, run_seed, run_world


def main(arguments: list[str] | None = None) -> int:
    """Run what the arguments ask for; 0 when every promise was kept, 1 when not."""
    parser = argparse.ArgumentParser(prog="python -m mock_ofd.simulation", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--seed", type=int, help="one world")
    parser.add_argument("--seeds", default="0-199", help="first-last (default: 0-199)")
    parser.add_argument("--story", action="store_true", help="with --seed: print what happened")
    parser.add_argument("--defect", type=Defect, choices=list(Defect), help="plant this defect first")
    parser.add_argument("--processes", type=int, default=None, help="worlds at a time (default: the machine's cores)")
    parser.add_argument("--protocol", choices=("native", "kz"), default="native", help="what registers speak")
    parser.add_argument("--misfortune", choices=list(MISFORTUNES), help="let this happen, and nothing else go wrong")
    options = parser.parse_args(arguments)
    write = sys.stdout.write
    if options.seed is not None:
        if options.story:
            outcome, story = run_world(options.seed, options.defect, options.protocol, options.misfortune)
            write("\n".join(story) + "\n")
        else:
            outcome = run_seed(options.seed, options.defect, options.protocol, options.misfortune)
        write(outcome.report() + "\n")
        return 0 if outcome.is_clean else 1
    first, _, last = options.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    broken = 0
    documents = 0
    for outcome in run_many(seeds, options.defect, options.processes, options.protocol, options.misfortune):
        documents += outcome.documents
        if not outcome.is_clean:
            broken += 1
            write(outcome.report() + "\n")
    write(f"{len(seeds)} worlds, {documents} documents, {broken} worlds with broken promises\n")
    return 0 if not broken else 1


if __name__ == "__main__":
    sys.exit(main())
