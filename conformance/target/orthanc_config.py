"""The configuration of an Orthanc that we start ourselves, as a value. Touches neither files nor the network."""

from dataclasses import dataclass
from typing import Final

DICOMWEB_PLUGINS: Final = (
    "/usr/share/orthanc/plugins/libOrthancDicomWeb.so",
    "/usr/local/share/orthanc/plugins/libOrthancDicomWeb.so",
)
"""Where packages put the plugin of the web services; Orthanc does not start with a file that is not there."""
PLUGINS_FOLDER: Final = "/usr/share/orthanc/plugins"
"""Where images have the plugins that are to be loaded; Orthanc passes over a folder that is not there."""
DICOMWEB_ROOT: Final = "/dicom-web"
DICOM_THREADS: Final = 32
"""Associations that it serves at a time. Its own 4 are fewer than the suite opens, and stalled ones take them up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveDestination:
    """Our own storage SCP, as the target is told of it: where C-MOVE sends to.

    `host` is a name or address as the target sees it.
    """

    ae_title: str
    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OrthancOptions:
    """What can be chosen about an Orthanc under test. The defaults are Orthanc's own, but for `scp_timeout_s`.

    Attributes:
        ae_title: its AE title.
        check_called_ae_title: rejects an association that calls another AE title.
        accept_unknown_sop_classes: accepts storage SOP classes that it does not know.
        overwrite_instances: a duplicate SOP instance replaces the first one instead of being ignored.
        scp_timeout_s: idle time in seconds after which it aborts an association. Orthanc's own 30 would make
            every stalled data set cost half a minute.
    """

    ae_title: str = "ORTHANC"
    check_called_ae_title: bool = False
    accept_unknown_sop_classes: bool = False
    overwrite_instances: bool = False
    scp_timeout_s: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OrthancPlace:
    """Where one Orthanc listens and stores, and who may use its REST interface.

    `remote_access` is false where its REST interface is asked over loopback only. `plugins` are files as it sees them.
    """

    dicom_port: int
    http_port: int
    remote_access: bool
    storage_directory: str
    user: str
    password: str
    plugins: tuple[str, ...] = ()


def configuration(
    options: OrthancOptions, place: OrthancPlace, *, move_destination: MoveDestination | None = None
) -> dict[str, object]:
    """Orthanc's configuration file, ready for `json.dumps`.

    Every DICOM service is open to every caller, for the scenarios call by many AE titles. The REST interface asks
    for the password, and so do the web services, which are there where a plugin brings them.
    """
    modalities = {}
    if move_destination is not None:
        to = move_destination
        modalities["conformance"] = [to.ae_title, to.host, to.port]
    return {
        "Name": "pacs-conformance",
        "StorageDirectory": place.storage_directory,
        "IndexDirectory": place.storage_directory,
        "MaximumStorageSize": 0,  # no limit: nothing that was stored may be recycled during a run
        "ConcurrentJobs": 2,
        "StableAge": 1,
        "DicomServerEnabled": True,
        "DicomAet": options.ae_title,
        "DicomPort": place.dicom_port,
        "DicomCheckCalledAet": options.check_called_ae_title,
        "DicomScpTimeout": options.scp_timeout_s,
        "DicomThreadsCount": DICOM_THREADS,
        "UnknownSopClassAccepted": options.accept_unknown_sop_classes,
        "OverwriteInstances": options.overwrite_instances,
        "DicomAlwaysAllowEcho": True,
        "DicomAlwaysAllowStore": True,
        "DicomAlwaysAllowFind": True,
        "DicomAlwaysAllowFindWorklist": True,
        "DicomAlwaysAllowGet": True,
        "DicomAlwaysAllowMove": True,
        "DicomModalities": modalities,
        "DicomModalitiesInDatabase": False,  # true would make Orthanc ignore the entry above
        "HttpServerEnabled": True,
        "HttpPort": place.http_port,
        "RemoteAccessAllowed": place.remote_access,
        "AuthenticationEnabled": True,
        "RegisteredUsers": {place.user: place.password},
        "Plugins": list(place.plugins),
        "DicomWeb": {"Enable": True, "Root": f"{DICOMWEB_ROOT}/", "EnableWado": False},
    }
