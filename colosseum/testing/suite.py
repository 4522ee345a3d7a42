"""What the conformance suites share: tests leave the package-wide state as they found it."""

from collections.abc import Iterator

import gin
import pytest

from colosseum import registry, settings


class Suite:
    """Base of the suites; gin's configuration is empty in every test, and nothing but what it registers is known."""

    @pytest.fixture(autouse=True)
    def _nothing_left_behind(self) -> Iterator[None]:
        gin.clear_config()
        with settings.temporary_settings(), registry.temporary_registrations():
            yield
        gin.clear_config()
