"""A catalogue code names one entry, also when two are written at the same time."""

from __future__ import annotations

import threading

import ckan.model as model
import ckan.plugins.toolkit as tk
import pytest

pytestmark = pytest.mark.usefixtures("non_clean_db", "with_plugins")


def test_a_code_in_use_is_refused_at_its_field(provider, entry):
    sent = entry()
    provider.clerk.call("package_create", **sent)
    with pytest.raises(tk.ValidationError) as refused:
        provider.clerk.call("package_create", **sent)
    assert sent["catalog_code"] in refused.value.error_dict["catalog_code"][0]


def test_keeping_its_own_code_is_no_conflict(provider, entry):
    made = provider.clerk.call("package_create", **entry())
    assert provider.clerk.call("package_patch", id=made["id"], notes="改")["notes"] == "改"


def test_of_two_written_at_once_one_wins_and_the_other_is_told_which_field(provider, entry, app, monkeypatch):
    """Both pass the friendly check before either has written; the constraint decides."""
    from ckanext.cqgov.catalogue import door

    sent, ready = entry(), threading.Barrier(2, timeout=30)
    friendly = door.dataset.taken

    def both_first(row):
        answer = friendly(row)
        ready.wait()
        return answer

    monkeypatch.setattr(door.dataset, "taken", both_first)
    outcomes = []

    def create():
        with app.flask_app.app_context():
            try:
                outcomes.append(provider.clerk.call("package_create", **sent)["catalog_code"])
            except tk.ValidationError as refused:
                outcomes.append(sorted(refused.error_dict))
            finally:
                model.Session.remove()

    threads = [threading.Thread(target=create) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(map(str, outcomes)) == sorted([sent["catalog_code"], str(["catalog_code"])])
    from ckanext.cqgov.model.dataset import Dataset

    assert model.Session.query(Dataset).filter_by(catalog_code=sent["catalog_code"]).count() == 1
