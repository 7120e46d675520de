"""Every kind of dataset, read in sets and read one by one by CKAN: the documents agree field by field."""

import json

import ckan.logic as logic
import ckan.model as model
import pytest
import sqlalchemy as sa
from ckan.lib.search import rebuild
from ckan.lib.search.common import make_connection

from ckanext.cqgov.reindexing import posting, reading, run
from ckanext.cqgov.reindexing.documents import Gathering
from ckanext.cqgov.reindexing.replacing import Replacing
from ckanext.cqgov.reindexing.showing import Showing
from tests.integration.cqgov.reindexing.conftest import disagreements, documents

MOMENTS = ("_version_", "indexed_ts")


def plain(found):
    """Return documents without their moments of indexing, the JSON in them parsed, extras in one order."""
    kept = {}
    for id_, document in found.items():
        kept[id_] = {key: value for key, value in document.items() if key not in MOMENTS}
        for key in ("data_dict", "validated_data_dict"):
            kept[id_][key] = json.loads(document[key])
            kept[id_][key]["extras"].sort(key=lambda each: each["key"])
    return kept


def by_ckan():
    """Empty the core and fill it by CKAN's own function."""
    solr = make_connection()
    solr.delete(q="*:*", commit=True)
    rebuild(defer_commit=True, quiet=True, force=True)
    return plain(documents())


@pytest.mark.parametrize("in_place", [True, False])
@pytest.mark.parametrize("deleted_too", [True, False])
def test_the_documents_are_those_that_ckan_makes(catalogue, in_place, deleted_too, ckan_config, monkeypatch):
    monkeypatch.setitem(ckan_config, "ckan.search.remove_deleted_packages", not deleted_too)
    wanted = by_ckan()
    make_connection().delete(q="*:*", commit=True)
    done = run.rebuild(in_place=in_place, batch=7)
    assert done.refused == {} and done.way == ("in-place" if in_place else "second-core")
    found = plain(documents())
    assert found.keys() == wanted.keys() and (catalogue["deleted"] in found) == deleted_too
    for id_, document in wanted.items():
        assert disagreements(found[id_], document) == []
    assert found[catalogue["tags"]]["vocab_genre"] == ["fiction"]
    assert found[catalogue["resources"]]["res_name"][0] == "甲"


def test_what_is_sent_to_solr_is_what_ckan_sends(catalogue, monkeypatch):
    """Fields that Solr does not store (labels, our search fields) can be compared only before they get there."""

    def parsed(sent):
        found = {each["id"]: dict(each) for each in sent}
        for document in found.values():
            for key in ("data_dict", "validated_data_dict"):
                document[key] = json.loads(document[key])
                document[key]["extras"].sort(key=lambda each: each["key"])
        return found

    class Sent(Gathering):
        def delete(self, **_options):
            """A deleted dataset has no document."""

    gathering = Sent()
    monkeypatch.setattr("ckan.lib.search.index.make_connection", lambda: gathering)
    for id_ in catalogue.values():
        logic.index_update_package({"ignore_auth": True}, id_)
    found = Replacing(posting.connection())._prepared(list(catalogue.values())).documents
    wanted = parsed(gathering.documents)
    assert wanted.keys() == set(catalogue.values()) - {catalogue["deleted"]}
    assert disagreements(parsed(found), wanted) == []
    labels = {each["id"]: each["permission_labels"] for each in found}
    assert labels[catalogue["datastore"]] == ["public"] and "public" not in labels[catalogue["plain"]]


def test_datasets_are_shown_as_package_show_shows_them_and_most_without_the_validators(catalogue):
    context = {"ignore_auth": True}
    ids = list(model.Session.execute(sa.select(model.package_table.c.id)).scalars())
    showing = Showing()
    found = showing.all(reading.loaded(ids))
    for id_ in ids:
        default, custom = logic.package_show_default_and_custom_schemas(context, id_)
        for one, other in ((found[id_][0], default), (found[id_][1], custom)):
            for each in (one, other):
                each["extras"].sort(key=lambda extra: extra["key"])
            assert one == other
    assert all(showing.known.values())


def test_a_relationship_is_read_as_ckan_reads_it(catalogue):
    model.Session.add(
        model.PackageRelationship(
            subject=model.Package.get(catalogue["plain"]), object=model.Package.get(catalogue["entry"]), type="child_of"
        )
    )
    model.Session.commit()
    for key in ("plain", "entry"):
        (one,) = reading.loaded([catalogue[key]])
        around = reading.surroundings([one])
        assert reading.dictized(one, around) == logic.get_action("package_show")(
            {"ignore_auth": True, "use_cache": False, "validate": False}, {"id": one.id}
        )


def test_reading_more_datasets_takes_no_more_queries(rows):
    def asked(ids):
        count = []
        model.Session.expunge_all()

        def listener(*_statement):
            count.append(1)

        sa.event.listen(model.meta.engine, "before_cursor_execute", listener)
        try:
            reading.surroundings(reading.loaded(ids))
        finally:
            sa.event.remove(model.meta.engine, "before_cursor_execute", listener)
        return len(count)

    ids = list(rows.values())
    assert asked(ids[:1]) == asked(ids) <= 8
