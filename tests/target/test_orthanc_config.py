import json
from dataclasses import replace

import pytest

from conformance.config.settings import Limits
from conformance.target.orthanc_config import (
    DICOM_THREADS,
    MoveDestination,
    OrthancOptions,
    OrthancPlace,
    configuration,
)

PLACE = OrthancPlace(
    dicom_port=4242,
    http_port=8042,
    remote_access=True,
    storage_directory="/var/lib/orthanc/db",
    user="someone",
    password="p4ss",
)


def test_every_service_is_open_to_every_caller() -> None:
    config = configuration(OrthancOptions(), PLACE)
    services = {key: value for key, value in config.items() if key.startswith("DicomAlwaysAllow")}
    assert services == {
        f"DicomAlwaysAllow{service}": True for service in ("Echo", "Store", "Find", "FindWorklist", "Get", "Move")
    }


def test_it_listens_and_stores_where_it_is_told() -> None:
    config = configuration(OrthancOptions(), PLACE)
    assert (config["DicomPort"], config["HttpPort"]) == (4242, 8042)
    assert config["StorageDirectory"] == config["IndexDirectory"] == "/var/lib/orthanc/db"
    assert config["RemoteAccessAllowed"] is True


def test_the_rest_interface_asks_for_the_password() -> None:
    config = configuration(OrthancOptions(), PLACE)
    assert config["AuthenticationEnabled"] is True
    assert config["RegisteredUsers"] == {"someone": "p4ss"}


def test_the_web_services_are_enabled_and_their_plugin_is_named() -> None:
    config = configuration(OrthancOptions(), replace(PLACE, plugins=("/plugins/web.so",)))
    assert config["Plugins"] == ["/plugins/web.so"]
    assert config["DicomWeb"] == {"Enable": True, "Root": "/dicom-web/", "EnableWado": False}


def test_without_a_plugin_none_is_named() -> None:
    assert configuration(OrthancOptions(), PLACE)["Plugins"] == []


def test_nothing_stored_is_recycled() -> None:
    assert configuration(OrthancOptions(), PLACE)["MaximumStorageSize"] == 0


@pytest.mark.parametrize(
    ("options", "key", "value"),
    [
        pytest.param(OrthancOptions(), "DicomAet", "ORTHANC", id="default-ae-title"),
        pytest.param(OrthancOptions(ae_title="ARCHIVE"), "DicomAet", "ARCHIVE", id="ae-title"),
        pytest.param(OrthancOptions(), "DicomCheckCalledAet", False, id="default-any-called-ae-title"),
        pytest.param(OrthancOptions(check_called_ae_title=True), "DicomCheckCalledAet", True, id="called-ae-title"),
        pytest.param(OrthancOptions(), "UnknownSopClassAccepted", False, id="default-known-sop-classes"),
        pytest.param(
            OrthancOptions(accept_unknown_sop_classes=True), "UnknownSopClassAccepted", True, id="sop-classes"
        ),
        pytest.param(OrthancOptions(), "OverwriteInstances", False, id="default-keeps-the-first"),
        pytest.param(OrthancOptions(overwrite_instances=True), "OverwriteInstances", True, id="replaces"),
        pytest.param(OrthancOptions(), "DicomScpTimeout", 5, id="default-timeout"),
        pytest.param(OrthancOptions(scp_timeout_s=3), "DicomScpTimeout", 3, id="timeout"),
    ],
)
def test_an_option_reaches_its_key(options: OrthancOptions, key: str, value: object) -> None:
    assert configuration(options, PLACE)[key] == value


def test_no_move_destination_is_known_unless_given() -> None:
    assert configuration(OrthancOptions(), PLACE)["DicomModalities"] == {}


def test_the_move_destination_is_a_modality_of_the_file() -> None:
    destination = MoveDestination(ae_title="CONFORMANCE", host="host.docker.internal", port=11113)
    config = configuration(OrthancOptions(), PLACE, move_destination=destination)
    assert config["DicomModalities"] == {"conformance": ["CONFORMANCE", "host.docker.internal", 11113]}
    assert config["DicomModalitiesInDatabase"] is False


def test_it_is_a_value_that_json_can_hold() -> None:
    config = configuration(OrthancOptions(), PLACE)
    assert json.loads(json.dumps(config)) == config == configuration(OrthancOptions(), PLACE)


def test_there_is_room_for_as_many_associations_as_the_suite_opens() -> None:
    assert configuration(OrthancOptions(), PLACE)["DicomThreadsCount"] == DICOM_THREADS
    assert Limits().associations < DICOM_THREADS
