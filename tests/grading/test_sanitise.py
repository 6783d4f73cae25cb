"""What students wrote is shown as it is, unless showing it would do more than show."""

import pytest

from autograder.grading.sanitise import clean_html, clean_outputs, safe_markdown


@pytest.mark.parametrize(
    "text",
    [
        "plain **bold** and `code`",
        "$a < b$ and $$x > y$$",
        "a < b and c > d",
        "```html\n<script>alert(1)</script>\n```",
        "`<script>` is a tag",
        "<details><summary>Answer</summary>4</details>",
        "[a link](https://example.org) and ![a picture](data:image/png;base64,AAAA)",
        "| a | b |\n|---|---|\n| 1 | 2 |",
        "<div class='note'>fine</div>",
        "&lt;script&gt;",
    ],
)
def test_harmless_markdown_stays_as_it_is(text):
    assert safe_markdown(text) == text


@pytest.mark.parametrize(
    "text",
    [
        "<script>steal()</script>",
        "<img src=x onerror=steal()>",
        "<svg onload=steal()></svg>",
        "[x](javascript:steal())",
        "[x]: javascript:steal()\n\n[x]",
        "<a href='java\nscript:steal()'>x</a>",
        "<iframe src='https://evil.example'></iframe>",
        "<form action='https://evil.example'><input></form>",
        "<details open ontoggle=steal()>",
        "<style>body { background: url(https://evil.example) }</style>",
        "<div style='position:fixed;inset:0'>cover</div>",
        "`<b>` <img src=x onerror=steal()>",
        "```\n```\n<script>steal()</script>",
        "<<script>script>steal()</script>",
    ],
)
def test_markdown_that_would_do_more_than_show_is_made_visible(text):
    safe = safe_markdown(f"before\n\n{text}\n\nafter")

    html = rendered(safe)
    assert clean_html(html) == clean_html(clean_html(html))
    assert "before" in safe
    assert "steal()" in safe or "evil" in safe or "cover" in safe
    assert not any(
        mark in html for mark in ("<script", "<img", "<svg", "<iframe", "<form", "<style", "<div style")
    )
    assert 'href="javascript' not in html


def rendered(text):
    from nbconvert.filters import markdown2html

    return markdown2html(text)


def test_cleaned_html_keeps_tables_and_loses_scripts():
    html = "<table class='dataframe'><tr><td onclick='steal()' style='x'>1</td></tr></table><script>steal()</script>"

    clean = clean_html(html)

    assert "<td>1</td>" in clean
    assert 'class="dataframe"' in clean
    assert "steal" not in clean


@pytest.mark.parametrize(
    "scheme", ["javascript:steal()", "data:text/html,steal", "vbscript:steal", "file:///etc/passwd"]
)
def test_links_go_to_the_web_only(scheme):
    assert scheme not in clean_html(f"<a href='{scheme}'>x</a><img src='{scheme}'>")


def test_outputs_keep_text_pictures_and_clean_html():
    outputs = [
        {"output_type": "stream", "name": "stdout", "text": ["a", "b"]},
        {
            "output_type": "display_data",
            "data": {"image/png": "AAAA", "text/plain": "<Figure>"},
            "metadata": {"image/png": {"width": "1' onload='steal()"}},
        },
        {
            "output_type": "execute_result",
            "data": {"text/html": "<b onclick=steal()>x</b>"},
            "execution_count": 3,
        },
        {"output_type": "error", "ename": "E", "evalue": "v", "traceback": ["t", 3]},
    ]

    kept = clean_outputs(outputs)

    assert kept[0] == {"output_type": "stream", "name": "stdout", "text": "ab"}
    assert kept[1]["data"] == {"image/png": "AAAA", "text/plain": "<Figure>"}
    assert kept[1]["metadata"] == {}
    assert kept[2]["data"] == {"text/html": "<b>x</b>"}
    assert kept[3]["traceback"] == ["t", ""]


@pytest.mark.parametrize(
    "output",
    [
        None,
        "text",
        {},
        {"output_type": "update_display_data", "data": {"text/html": "x"}},
        {"output_type": "display_data", "data": {"application/javascript": "steal()"}},
        {"output_type": "display_data", "data": {"image/svg+xml": "<svg/>"}},
        {"output_type": "display_data", "data": {"image/png": 'AA"><script>'}},
        {
            "output_type": "display_data",
            "data": {"application/vnd.jupyter.widget-view+json": {"model_id": "1"}},
        },
        {"output_type": "display_data", "data": {"text/latex": "$x$<script>"}},
        {"output_type": "display_data", "data": ["text/html"]},
    ],
    ids=str,
)
def test_outputs_that_cannot_be_shown_safely_are_dropped(output):
    assert clean_outputs([output]) == []


def test_too_much_output_is_cut_and_said():
    outputs = [{"output_type": "stream", "name": "stdout", "text": "x" * 900}] * 10

    kept = clean_outputs(outputs, budget=3000)

    assert len(kept) == 4
    assert "was cut" in kept[-1]["text"]


@pytest.mark.parametrize("text", ["[a](b" * 20_000, "<!--" * 20_000, "\\begin{a}" * 20_000 + "<b>"])
def test_texts_that_would_take_a_renderer_minutes_are_shown_as_text_at_once(text):
    import time

    start = time.perf_counter()

    assert text in safe_markdown(text)
    assert time.perf_counter() - start < 2


def test_html_that_would_take_a_cleaner_minutes_is_dropped():
    output = {"output_type": "display_data", "data": {"text/html": "<div>" * 10_000, "text/plain": "deep"}}

    assert clean_outputs([output])[0]["data"] == {"text/plain": "deep"}
