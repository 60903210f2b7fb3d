"""A Docker engine in memory: as much of the SDK's client as a target uses, with one thing that goes wrong."""

import io
import tarfile
from collections.abc import Callable, Iterator
from typing import Any

import docker.errors


def nothing() -> None:
    """The step goes well."""


def raising(error: BaseException) -> Callable[[], None]:
    """The step goes wrong."""

    def step() -> None:
        raise error

    return step


class FakeContainer:
    def __init__(self, engine: "FakeEngine", name: str, labels: dict[str, str], state: dict[str, Any]) -> None:
        self.engine = engine
        self.id = f"id-of-{name}"
        self.name = name
        self.labels = labels
        self.files: dict[str, str] = {}
        self.removed_with: dict[str, bool] | None = None
        self.attrs: dict[str, Any] = {
            "Image": "sha256:fake",
            "State": state,
            "NetworkSettings": {"Ports": engine.ports},
        }

    def put_archive(self, path: str, data: bytes) -> None:
        assert path == "/"
        self.engine.put_archive()
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for member in tar.getmembers():
                if (file := tar.extractfile(member)) is not None:
                    self.files["/" + member.name] = file.read().decode()

    def start(self) -> None:
        self.engine.start()
        if self.attrs["State"] == {"Running": False}:
            self.attrs["State"] = self.engine.state_after_start

    def reload(self) -> None:
        self.engine.reload()

    def logs(self, *, stream: bool, follow: bool) -> Iterator[bytes]:
        assert stream
        assert follow
        return iter(self.engine.log)

    def remove(self, **options: bool) -> None:
        self.engine.remove()
        self.removed_with = options
        self.engine.known.remove(self)


class FakeEngine:
    """Stands for the client, and for its `images`, `containers`, `networks` and `api`.

    Steps are called when their turn comes; a test replaces one by `raising(...)`.
    """

    def __init__(self) -> None:
        self.images = self.containers = self.networks = self.api = self
        self.ping: Callable[[], None] = nothing
        self.put_archive: Callable[[], None] = nothing
        self.start: Callable[[], None] = nothing
        self.reload: Callable[[], None] = nothing
        self.remove: Callable[[], None] = nothing
        self.creating: Callable[[], None] = nothing
        self.pulling: Callable[[], None] = nothing
        self.image_names = {"orthanc:fake"}
        self.pull_events: list[dict[str, str]] = []
        self.pulled: list[tuple[str, str | None]] = []
        self.bridge: dict[str, Any] = {"IPAM": {"Config": None}}
        self.ports: dict[str, Any] = {}
        self.log = [b"starting\n", b"cannot read the configuration\n"]
        self.state_after_start: dict[str, Any] = {"Running": True}
        self.created: list[tuple[FakeContainer, dict[str, Any]]] = []
        self.known: list[FakeContainer] = []
        self.closed = False

    def close(self) -> None:
        self.closed = True

    def get(self, name: str) -> Any:
        if name == "bridge":
            network = FakeContainer(self, name, {}, {})
            network.attrs = self.bridge
            return network
        if name in self.image_names:
            return name
        for container in self.known:
            if container.name == name:
                return container
        if name.startswith("pacs-conformance-"):
            raise docker.errors.NotFound(f"no container {name}")
        raise docker.errors.ImageNotFound(f"no image {name}")

    def pull(self, image: str, *, tag: str | None, stream: bool, decode: bool) -> Iterator[dict[str, str]]:
        assert stream
        assert decode
        self.pulled.append((image, tag))
        self.pulling()
        return iter(self.pull_events)

    def create(self, image: str, *, name: str, labels: dict[str, str], **options: Any) -> FakeContainer:
        self.creating()
        container = FakeContainer(self, name, labels, {"Running": False})
        self.known.append(container)
        self.created.append((container, {"image": image, **options}))
        return container

    def list(self, *, filters: dict[str, list[str]], **options: bool) -> list[FakeContainer]:
        assert options == {"all": True, "ignore_removed": True}
        return [
            container
            for container in self.known
            if set(filters["label"]) <= set(container.labels)
            and container.attrs["State"].get("Status") in filters["status"]
        ]
