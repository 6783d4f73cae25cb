"""Which submissions share code that the rest of the class does not.

Pure: sets of fingerprints in, pairs and groups out. Not counted are fingerprints of what was handed out, of known answers,
and of what many in the class wrote. Pairs are found through an inverted index, so the work grows with what is shared,
not with the square of the class. It says what is alike, never who copied.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

LEAST_SHARED = 12  # fingerprints, each standing for about three tokens: four lines of NumPy or more
LEAST_SHARE = 0.5  # of the smaller one's rare code
_LONG = 40  # submissions in one list of the index, above which only neighbours are compared
_NEIGHBOURS = 3


@dataclass(frozen=True)
class Pair:
    """Two submissions that are alike.

    Attributes
    ----------
    first, second : str
    shared : frozenset of int
        Fingerprints that both have and few others.
    share : float
        Of the rare fingerprints of the smaller one.
    """

    first: str
    second: str
    shared: frozenset[int]
    share: float


def commonest(submissions: int) -> int:
    """How many submissions may share a fingerprint before it says nothing: a tenth of the class, half of a small one."""
    return max(2, min(5, (submissions + 1) // 2), submissions // 10)


def pairs(prints: Mapping[str, Collection[int]], known: Collection[int] = ()) -> list[Pair]:
    """Return the pairs that are alike, most alike first.

    Parameters
    ----------
    prints : mapping
        Student to fingerprints.
    known : collection of int
        Fingerprints that count for nothing.
    """
    own = {student: frozenset(found).difference(known) for student, found in prints.items()}
    twins = defaultdict(list)  # those with the very same fingerprints count once, however many they are
    for student in sorted(own):
        if own[student]:
            twins[own[student]].append(student)
    sets = list(twins)
    counts = Counter(value for one in sets for value in one)
    most = commonest(len(sets))
    rare = [frozenset(value for value in one if counts[value] <= most) for one in sets]
    found = []
    for kept, members in zip(rare, twins.values(), strict=True):
        if len(kept) >= LEAST_SHARED:
            found += [Pair(members[0], other, kept, 1.0) for other in members[1:]]
    for i, j in _candidates(rare, counts):
        shared = rare[i] & rare[j]
        share = len(shared) / min(len(rare[i]), len(rare[j]))
        if len(shared) >= LEAST_SHARED and share >= LEAST_SHARE:
            first, second = sorted((twins[sets[i]][0], twins[sets[j]][0]))
            found.append(Pair(first, second, shared, share))
    return sorted(found, key=lambda pair: (-pair.share, -len(pair.shared), pair.first, pair.second))


def _candidates(rare: list[frozenset[int]], counts: Counter) -> list[tuple[int, int]]:
    """Pairs of sets that meet often enough in the inverted index to be worth comparing."""
    index = defaultdict(list)
    for i, one in enumerate(rare):
        for value in one:
            if counts[value] > 1:
                index[value].append(i)
    smallest = [min(one, default=0) for one in rare]
    together: Counter = Counter()
    for members in index.values():
        if len(members) <= _LONG:
            for place, i in enumerate(members):
                for j in members[place + 1 :]:
                    together[i, j] += 1
        else:  # equal smallest values are a sign of equal sets (min-hashing): compare neighbours in that order
            members.sort(key=lambda i: (smallest[i], i))
            for place, i in enumerate(members):
                for j in members[place + 1 : place + 1 + _NEIGHBOURS]:
                    together[min(i, j), max(i, j)] += 1
    return [pair for pair, met in together.items() if met >= LEAST_SHARED // 2]


def groups(found: Collection[Pair]) -> list[list[str]]:
    """Students joined by pairs, largest group first."""
    leader: dict[str, str] = {}

    def lead(student: str) -> str:
        while leader.setdefault(student, student) != student:
            leader[student] = leader[leader[student]]
            student = leader[student]
        return student

    for pair in found:
        leader[lead(pair.second)] = lead(pair.first)
    together = defaultdict(list)
    for student in sorted(leader):
        together[lead(student)].append(student)
    return sorted(together.values(), key=lambda members: (-len(members), members))
