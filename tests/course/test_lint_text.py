"""Lint: words, pictures, lengths, and the files beside the notebook."""

import pytest

from autograder.course.lint.markdown import prose

HINTS = '[halve]\nhints = ["What is half of one?"]\n\n[SquareGate]\nhints = ["What is kept?"]\n'
WORD = "word "


# -- markdown -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "hidden",
    [
        "`just`",
        "``just ` ``",
        "```python\njust = 1\n```",
        "~~~\njust\n~~~",
        "$just$",
        "$a\njust$",
        "$$\njust\n$$",
        r"\begin{align}just\end{align}",
        "[text](just.html)",
        "https://example.org/just",
        '<img alt="just">',
        "<!-- just -->",
    ],
)
def test_what_is_no_sentence_is_blanked_out_line_for_line(hidden):
    text = f"before\n{hidden}\nafter"

    left = prose(text)

    assert "just" not in left
    assert left.startswith("before\n") and left.endswith("\nafter")
    assert left.count("\n") == text.count("\n")


@pytest.mark.parametrize(
    "kept", ["a *just* b", "costs $5 and just $6", "| just |", "`a` just `b`", "[just](x)", "1 < just"]
)
def test_sentences_are_kept(kept):
    assert "just" in prose(kept)


# -- words --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["simply", "Just", "obviously"])
@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("# Run the check.", "# Run the check.\n# This is {0} so."),
        ("print(len(several))", "print(len(several))  # this is {0} so"),
        ("Return half of x,", "Return {0} half of x,"),
        ('"half of 7, plus 1"', '"{0} half of 7"'),
        ("One axis went missing", "{0} one axis went missing"),
    ],
)
def test_words_that_belittle_are_reported_wherever_students_read(edited, word, old, new):
    report = edited((old, new.format(word)))

    assert report.rules == ["avoided-word"]
    assert word in report.line("avoided-word")


def test_such_a_word_in_a_hint_is_reported_in_its_file(edited):
    report = edited(hints=HINTS.replace("What is kept?", "Just keep it."))

    assert report.line("avoided-word") == 'hints = ["Just keep it."]'
    assert report.findings[0].path.name == "hints.toml"


def test_such_a_word_in_a_long_string_is_reported_on_its_own_line(edited):
    report = edited(('"""Return half of x,', '"""Return half.\n\n    It is just x,'))

    assert report.line("avoided-word").startswith("    It is just x,")


@pytest.mark.parametrize("line", ["# It is `just` a name.", "# Adjust the justice.", "# $just = 1$"])
def test_code_formulas_and_longer_words_are_not(edited, line):
    assert edited(("# Run the check.", line)).rules == []


def test_praise_is_reported(edited):
    assert edited(("# Run the check.", "# Well done! Run the check.")).rules == ["praise"]


@pytest.mark.parametrize(
    ("old", "new"), [("# Run the check.", "# Run \U0001f680"), ("print(len", "print('\u2705', len")]
)
def test_emoji_are_reported_in_text_and_code(edited, old, new):
    assert edited((old, new)).rules == ["emoji"]


def test_arrows_letters_and_signs_of_mathematics_are_no_emoji(edited):
    assert edited(("# Run the check.", "# α → β × 2 ≤ ½, ✓ or ✗ …")).rules == []


@pytest.mark.parametrize(
    ("words", "instead"),
    [
        ("The cotangent arrives.", "upstream gradient"),
        ("The logits of an image.", "scores"),
        ("This cost function falls.", "loss"),
        ("The delta of a layer.", "upstream gradient"),
        ("Saved tensors wait.", "cache"),
        ("There is a bug here.", "mistake"),
        ("A pullback.", "VJP"),
    ],
)
def test_a_synonym_of_a_glossary_word_is_reported_with_the_word_to_use(edited, words, instead):
    report = edited(("# Run the check.", f"# {words}"))

    assert report.rules == ["glossary"]
    assert instead in report.findings[0].remedy


@pytest.mark.parametrize(
    "words",
    [
        'Others say "logits".',
        "Elsewhere: *cotangent*.",
        "The Kronecker delta.",
        "It costs two calls.",
        "`logits`",
    ],
)
def test_a_synonym_may_be_mentioned_and_other_meanings_used(edited, words):
    assert edited(("# Run the check.", f"# {words}")).rules == []


def test_a_synonym_as_a_name_in_code_is_reported(edited):
    assert edited(("print(len(several))", "logits = several\nprint(logits)")).rules == ["glossary"] * 2


# -- pictures and lengths -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "picture",
    [
        "![](graph.png)",
        "![ ](graph.png)",
        "![image](graph.png)",
        "![][graph]",
        '<img src="graph.png">',
        '<img src="graph.png" alt="">',
        "<img\n#   src='graph.png' width=30>",
    ],
)
def test_a_picture_without_words_is_reported(edited, picture):
    report = edited(("# Run the check.", f"# Look:\n# {picture}"))

    assert report.rules == ["alt-text"]
    assert report.line("alt-text") == f"# {picture}".split("\n")[0]


@pytest.mark.parametrize(
    "picture",
    [
        "![Two circles joined by a line](g.png)",
        "<img src='g.png' alt='Two circles'>",
        "`![](g.png)`",
        "a[i](x)",
    ],
)
def test_a_picture_with_words_is_not(edited, picture):
    assert edited(("# Run the check.", f"# {picture}")).rules == []


def test_a_cell_longer_than_25_lines_of_code_is_reported_and_an_experiment_may_have_40(edited):
    def lines(count):
        return "\n\n".join(["print(1)"] * count)

    given = ('# %% tags=["experiment"]\nprint(len(several))', "# %%\n{}")
    shown = ("print(len(several))", "{}")

    for (old, new), limit in ((given, 25), (shown, 40)):
        assert edited((old, new.format(lines(limit)))).rules == []
        assert edited((old, new.format(lines(limit + 1)))).rules == ["long-cell"]


def test_hidden_tests_and_answers_do_not_count_as_length(edited):
    long = "".join(f"    y{i} = {i}\n" for i in range(50))

    report = edited(
        ("    return 0.5", f"{long}    return 0.5"),
        ("check.hidden_tests()\n", "check.hidden_tests()\n" + long.replace("    ", "")),
    )

    assert report.rules == []


def test_a_passage_longer_than_an_idea_is_reported_where_it_begins(edited):
    text = "# One.\n#\n# **Predict.** " + WORD * 121

    report = edited(("# Run the check.", text.rstrip()))

    assert report.rules == ["long-text"]
    assert report.message("long-text") == "This passage has 122 words; at most 120."
    assert report.line("long-text").startswith("# **Predict.**")


def test_a_cell_of_many_passages_has_a_limit_of_its_own(edited):
    passage = f"# ## One\n# {WORD * 99}".rstrip()

    assert edited(("# Run the check.", f"{passage}\n{passage}")).rules == []
    assert "together" in edited(("# Run the check.", f"{passage}\n{passage}\n{passage}")).message("long-text")


@pytest.mark.parametrize(
    "aside",
    [
        "# <details>\n# {}\n# </details>",
        "# | a | b |\n# |---|---|\n# | c | {} |",
        "# ```\n# {}\n# ```",
        "# $$ {} $$",
    ],
)
def test_answers_folded_away_tables_code_and_formulas_do_not_count(edited, aside):
    assert edited(("# Run the check.", "# Run.\n#\n" + aside.format((WORD * 200).strip()))).rules == []


# -- hints and wrong answers --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hints", "said", "line"),
    [
        (None, "There is no hints.toml", 1),
        ('[halve]\nhints = ["What is half?"]\n', "No hint for SquareGate.", 1),
        (HINTS + '\n[double]\nhints = ["What?"]\n', "double is no exercise", 7),
        (HINTS.replace('["What is kept?"]', "[]"), "SquareGate has no hints", 4),
        (HINTS.replace('hints = ["What is kept?"]', "hint = 3"), "SquareGate has no hints", 4),
        (HINTS + "\n[[[", "not TOML", 7),
    ],
)
def test_hints_that_are_missing_unknown_or_unreadable_are_reported(edited, hints, said, line):
    report = edited(hints=hints)

    assert report.rules == ["hints"]
    assert said in report.message("hints")
    assert report.findings[0].path.name == "hints.toml"
    assert report.findings[0].line == line


def test_a_warm_up_may_have_hints_and_needs_none(edited):
    warm_up = ("print(len(several))", "def warm_up(x):\n    return x\n")

    assert edited(warm_up).rules == []
    assert edited(warm_up, hints=HINTS + '\n[warm_up]\nhints = ["What?"]\n').rules == []


EDITS = "".join(f'edit("halve", "0.5", "{i}", mistake=None)\n' for i in range(3)) + "".join(
    f'edit("SquareGate", "x * x", "{i}", mistake=None)\n' for i in range(3)
)


@pytest.mark.parametrize(
    ("mistakes", "said", "line"),
    [
        (None, "There is no mistakes.py", 1),
        (
            EDITS.replace('edit("halve", "0.5", "2"', 'edit("SquareGate", "x * x", "2"'),
            "2 wrong answers to halve",
            1,
        ),
        (
            EDITS.replace('edit("SquareGate", "x * x", "0"', 'edit("SquareGate", "x * y", "0"'),
            "occurs 0 times",
            4,
        ),
        (EDITS.replace('"halve"', '"half"', 1), "no exercise 'half'", 1),
        (EDITS + "def :\n", "", 7),
    ],
)
def test_wrong_answers_that_are_missing_or_cannot_be_read_are_reported(edited, mistakes, said, line):
    report = edited(mistakes=mistakes)

    assert report.rules == ["mistakes"]
    assert said in report.message("mistakes")
    assert report.findings[0].path.name == "mistakes.py"
    assert report.findings[0].line == line


def test_three_wrong_answers_each_are_enough(edited):
    assert edited(mistakes=EDITS).rules == []


def test_an_exercise_without_points_needs_neither_hints_nor_wrong_answers(edited):
    report = edited(
        ('"points": 60}', '"points": 0}'),
        ("points=60", "points=0"),
        ('"points": 40}', '"points": 100}'),
        ("points=40", "points=100"),
        hints='[halve]\nhints = ["What?"]\n',
        mistakes=EDITS.replace("SquareGate", "halve").replace("x * x", "0.5"),
    )

    assert report.rules == []
