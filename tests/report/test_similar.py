"""Similar work is found whatever it is called, and only what few share counts."""

import random
import time

from report.classes import disguised, own_code

from autograder.report.fingerprints import LENGTH, WINDOW, fingerprints, prints, shared_lines, tokens
from autograder.report.similar import LEAST_SHARED, Pair, commonest, groups, pairs


def test_names_comments_and_layout_change_no_fingerprint():
    code = own_code(1)

    assert prints(disguised(code)) == prints(code)


def test_attributes_builtins_and_numbers_count():
    assert prints(own_code(1).replace("np.", "jnp.x")) != prints(own_code(1))
    assert tokens("a.max(2)")[0] == ["v", ".", "max", "(", "2.0", ")"]
    assert tokens('"""Text."""\nx = "a"  # why')[0] == ["v", "=", "s"]


def test_any_run_of_equal_tokens_that_is_long_enough_shares_a_fingerprint():
    choose = random.Random(0)
    run = " ".join(str(choose.randint(0, 999)) for _ in range(LENGTH + WINDOW - 1))

    for seed in range(50):
        choose = random.Random(seed)
        ends = [" ".join(str(choose.randint(0, 999)) for _ in range(choose.randint(0, 40))) for _ in range(4)]
        assert prints(f"{ends[0]} {run} {ends[1]}") & prints(f"{ends[2]} {run} {ends[3]}")


def test_fingerprints_know_their_lines():
    code = own_code(3)
    lines = code.splitlines()
    other = "\n".join(["before = [0.1, 0.2, 0.3]", *lines[4:9], "after = {1.5: 2.5}"])

    marked = shared_lines(code, set(fingerprints(code)) & set(fingerprints(other)))

    assert set(range(5, 8)) <= marked <= set(range(3, 11))


def test_half_written_and_odd_text_has_fingerprints_too():
    for text in ("", "def f(:", "'''never closed\n" * 3, "\x00 \ud800 é ∂ 0x1F 1e", "(" * 3000):
        assert isinstance(prints(text), frozenset)


def test_a_copy_is_found_among_honest_work():
    students = {f"s{i}": prints(own_code(i)) for i in range(60)}
    students["copy"] = prints(disguised(own_code(7)))

    (found,) = pairs(students)

    assert (found.first, found.second, found.share) == ("copy", "s7", 1.0)


def test_a_copy_of_a_part_is_found_and_says_how_large_it_is():
    half = "\n".join(own_code(7).splitlines()[:10])
    students = {f"s{i}": prints(own_code(i)) for i in range(30)}
    students["copy"] = prints(f"{disguised(half)}\n{own_code(99, lines=4)}")

    (found,) = pairs(students)

    assert {found.first, found.second} == {"copy", "s7"}
    assert 0.5 <= found.share < 1


def test_what_was_handed_out_counts_for_nothing():
    given = own_code(7)
    students = {"anna": prints(given), "ben": prints(disguised(given)), "eva": prints(own_code(8))}

    assert pairs(students, known=prints(given)) == []


def test_what_many_write_counts_for_nothing():
    idiom = own_code(7)
    students = {f"s{i}": prints(f"{idiom}\n{own_code(100 + i, lines=6)}") for i in range(40)}

    assert commonest(40) < 40
    assert pairs(students) == []


def test_a_ring_with_the_same_text_is_found_however_large():
    students = {f"s{i:02}": prints(own_code(i)) for i in range(40)}
    students |= {f"ring{i:02}": prints(disguised(own_code(500))) for i in range(30)}

    (members,) = groups(pairs(students))

    assert members == [f"ring{i:02}" for i in range(30)]


def test_a_few_equal_lines_are_no_pair():
    line = "\n".join(own_code(7).splitlines()[1:3])
    students = {
        "anna": prints(own_code(1) + line),
        "ben": prints(own_code(2) + line),
        "eva": prints(own_code(3)),
    }

    assert pairs(students) == []


def test_groups_join_what_pairs_join():
    found = [
        Pair("a", "b", frozenset(), 1.0),
        Pair("c", "b", frozenset(), 1.0),
        Pair("x", "y", frozenset(), 1.0),
    ]

    assert groups(found) == [["a", "b", "c"], ["x", "y"]]


def test_the_work_does_not_grow_with_the_square_of_the_class():
    def seconds(count):
        choose = random.Random(0)
        idioms = [frozenset(choose.sample(range(10**9), 30)) for _ in range(20)]
        students = {
            f"s{i}": frozenset(choose.sample(range(10**12), 60)) | idioms[choose.randrange(20)]
            for i in range(count)
        }
        started = time.process_time()
        pairs(students)
        return time.process_time() - started

    small, large = seconds(500), seconds(4000)

    assert large < 24 * max(small, 0.02)  # eight times the class; a square would be 64
    assert LEAST_SHARED > 1
