"""``python -m tests.attacks``: every attack against the grader, as a table."""

import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from attacks import breaking, deriving, escaping, forging, injecting, reading, reusing
from attacks.catalogue import ATTACKS
from attacks.vault import SLOPES, Vault, strike

MODULES = (reading, forging, deriving, breaking, reusing, escaping, injecting)


def main() -> int:
    """Print the table; return the number of attacks that came to something."""
    succeeded = 0
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder, ExitStack() as closing:
        vault = Vault(Path(folder))
        slopes = Vault(Path(folder) / "slopes", "slopes_notebook.txt", SLOPES)
        closing.callback(vault.close), closing.callback(slopes.close)
        print(f"{'family':10} {'attack':34} {'earned':>6} {'leaked':>6} {'broke':>6}   tried")
        for module in MODULES:
            for attack in [attack for attack in ATTACKS if attack.family == module.FAMILY]:
                outcome = strike(attack, slopes if attack.family == deriving.FAMILY else vault)
                gain = max(0.0, outcome.earned - max(attack.deserves))
                broke = outcome.neighbour.score != 20.0 or not outcome.untouched or outcome.disturbed
                left_open = any(exercise.points is None for exercise in outcome.result.exercises)
                broke = broke or left_open or bool(outcome.result.messages)
                succeeded += bool(gain or outcome.leaked or broke)
                row = f"{attack.family:10} {attack.name:34} {gain:6g} {len(outcome.leaked):6d} {broke:6d}"
                print(f"{row}   {attack.tried}", flush=True)
    print(f"\n{len(ATTACKS)} attacks, {succeeded} came to something; {time.monotonic() - started:.0f} s.")
    return succeeded


if __name__ == "__main__":
    sys.exit(main() > 0)
