"""Implant templates (PS3.3 A.61 to A.63): one component, an assembly, a group of sizes. They belong to no patient."""

from typing import Final

from pydicom.dataset import Dataset

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import (
    PRIVATE_CREATOR,
    code,
    date_time,
    item,
    non_patient,
    reference,
    sop_class,
    uid_inside,
)
from conformance.instances.iod.surfaces import mesh_surface

_FRAME_OF_REFERENCE: Final = 1
_STEM: Final = 2
_CUP: Final = 3


def generic_template(identity: Identity, _size: image.Size) -> Dataset:
    """Return the stem of a hip, in the shape of a tetrahedron."""
    dataset = non_patient(identity, sop_class_uid=sop_class("GenericImplantTemplateStorage"))
    # PS3.3 Table C.29.1.1-1; CIDs 7307, 7300, 7310
    dataset.Manufacturer = PRIVATE_CREATOR
    dataset.FrameOfReferenceUID = uid_inside(identity, _FRAME_OF_REFERENCE)
    dataset.ImplantName = "Synthetic stem"
    dataset.ImplantSize = "12"
    dataset.ImplantPartNumber = "CONF-12"
    dataset.ImplantTemplateVersion = "1"
    dataset.ImplantType = "ORIGINAL"
    dataset.EffectiveDateTime = date_time(identity)
    dataset.OverallTemplateSpatialTolerance = 0.1
    dataset.MaterialsCodeSequence = [code("256506002", "SCT", "Stainless Steel Material")]
    dataset.ImplantTypeCodeSequence = [code("112310", "DCM", "Femoral Stem")]
    dataset.FixationMethodCodeSequence = [code("257771002", "SCT", "Cemented component fixation")]
    # PS3.3 Table C.29.1.3-1 and Table C.27-1
    dataset.NumberOfSurfaces = 1
    dataset.SurfaceSequence = [mesh_surface()]
    dataset.ImplantTemplate3DModelSurfaceNumber = 1
    dataset.SurfaceModelDescriptionSequence = [item(ReferencedSurfaceNumber=1, SurfaceModelLabel="Stem")]
    dataset.SurfaceModelScalingFactor = 1.0
    return dataset


def assembly_template(identity: Identity, _size: image.Size) -> Dataset:
    """Return an assembly of a stem and a cup."""
    dataset = non_patient(identity, sop_class_uid=sop_class("ImplantAssemblyTemplateStorage"))
    # PS3.3 Table C.29.2.1-1
    dataset.EffectiveDateTime = date_time(identity)
    dataset.ImplantAssemblyTemplateName = "Synthetic hip"
    dataset.ImplantAssemblyTemplateIssuer = PRIVATE_CREATOR
    dataset.ImplantAssemblyTemplateVersion = "1"
    dataset.ImplantAssemblyTemplateType = "ORIGINAL"
    dataset.ImplantAssemblyTemplateTargetAnatomySequence = [
        item(AnatomicRegionSequence=[code("118645006", "SCT", "Pelvis")])
    ]
    dataset.ProcedureTypeCodeSequence = [code("52734007", "SCT", "Total replacement of hip")]
    dataset.MIMETypeOfEncapsulatedDocument = ""
    dataset.EncapsulatedDocument = None
    dataset.ComponentTypesSequence = [
        _component_type(identity, _STEM, code("112310", "DCM", "Femoral Stem")),
        _component_type(identity, _CUP, code("112305", "DCM", "Acetabular Cup Shell")),
    ]
    return dataset


def template_group(identity: Identity, _size: image.Size) -> Dataset:
    """Return a group of two sizes of one stem."""
    dataset = non_patient(identity, sop_class_uid=sop_class("ImplantTemplateGroupStorage"))
    # PS3.3 Table C.29.3.1-1
    dataset.ImplantTemplateGroupName = "Synthetic stems"
    dataset.ImplantTemplateGroupIssuer = PRIVATE_CREATOR
    dataset.ImplantTemplateGroupVersion = "1"
    dataset.EffectiveDateTime = date_time(identity)
    template = sop_class("GenericImplantTemplateStorage")
    members = (_STEM, _CUP)
    dataset.ImplantTemplateGroupMembersSequence = [
        reference(template, uid_inside(identity, number), ImplantTemplateGroupMemberID=position)
        for position, number in enumerate(members, start=1)
    ]
    ranks = [
        item(ReferencedImplantTemplateGroupMemberID=rank, ImplantTemplateGroupVariationDimensionRank=rank)
        for rank in range(1, len(members) + 1)
    ]
    dataset.ImplantTemplateGroupVariationDimensionSequence = [
        item(
            ImplantTemplateGroupVariationDimensionName="Size",
            ImplantTemplateGroupVariationDimensionRankSequence=ranks,
        )
    ]
    return dataset


def _component_type(identity: Identity, number: int, kind: Dataset) -> Dataset:
    component = reference(sop_class("GenericImplantTemplateStorage"), uid_inside(identity, number), ComponentID=number)
    return item(
        ComponentTypeCodeSequence=[kind],
        ExclusiveComponentType="YES",
        MandatoryComponentType="YES",
        ComponentSequence=[component],
    )
