"""A question that cannot be asked is told, and costs no process."""


def test_what_is_too_large_to_be_handed_back_is_an_error_of_the_code_that_gave_it(check):
    step = check(
        """
        import numpy as np
        def large(): return np.zeros(33 * 2**20, np.int8)
        def take(*arrays): return len(arrays)
        class Holder: params = {}
        holder = Holder()
        """,
        """
        part = large()
        try:
            take(part, part.copy())
        except ValueError as error:
            print(error)
        try:
            holder.params["W"] = np.append(part, part)
        except ValueError as error:
            print(error)
        assert take(1, 2) == 2
        """,
    )

    assert step.verdict == "passed", step.error
    assert step.outputs[0]["text"].count("is too large to be handed back to it") == 2


def test_a_range_too_long_to_travel_is_no_answer(check):
    step = check(
        """
        import autograder.execution.encoder as encoder
        vars(encoder).update(LONGEST_RANGE=10**6)
        def steps(): return range(500_000)
        """,
        "steps()",
    )

    assert step.verdict == "crashed" and "not an answer" in step.error
