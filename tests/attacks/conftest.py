"""One vault for all attacks of a run."""

import pytest
from attacks.vault import Vault


@pytest.fixture(scope="session")
def vault(tmp_path_factory):
    return Vault(tmp_path_factory.mktemp("vault"))
