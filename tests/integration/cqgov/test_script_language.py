"""The scripts of a Chinese page get their translations, without which none of them starts."""

import pytest

pytestmark = pytest.mark.usefixtures("with_plugins")


@pytest.mark.parametrize("asked", ["zh_Hans-CN", "zh_Hans_CN", "en"])
def test_the_language_that_ckans_script_makes_of_the_page_is_known(app, asked):
    assert app.get(f"/api/i18n/{asked}").status_code == 200


def test_a_language_that_does_not_exist_is_still_refused(app):
    assert app.get("/api/i18n/xx-YY", expect_errors=True).status_code == 400
