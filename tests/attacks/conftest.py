"""One vault for all attacks of a run, and one notebook of slopes."""

from contextlib import closing

import pytest
from attacks.vault import SLOPES, Vault


@pytest.fixture(scope="session")
def vault(tmp_path_factory):
    with closing(Vault(tmp_path_factory.mktemp("vault"))) as made:
        yield made


@pytest.fixture(scope="session")
def slopes(tmp_path_factory):
    folder = tmp_path_factory.mktemp("slopes")
    with closing(Vault(folder, "slopes_notebook.txt", SLOPES)) as made:
        yield made
