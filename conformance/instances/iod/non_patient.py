"""What belongs to no patient: hanging protocol (PS3.3 A.44), colour palette (A.49) and inventory (A.88)."""

from typing import Final

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset

from conformance.instances.identity import Identity
from conformance.instances.iod import icc, image
from conformance.instances.iod.common import (
    PRIVATE_CREATOR,
    content_date,
    content_identification,
    date_time,
    equipment,
    item,
    non_patient,
    sop_class,
)
from conformance.instances.iod.presentation_state import palette

_WHOLE_SCREEN: Final = (0.0, 1.0, 1.0, 0.0)


def hanging_protocol(identity: Identity, _size: image.Size) -> Dataset:
    """Return a protocol that shows axial CT images as a stack on one screen."""
    dataset = non_patient(identity, sop_class_uid=sop_class("HangingProtocolStorage"))
    # PS3.3 Table C.23.1-1
    dataset.HangingProtocolName = "CONFORMANCE"
    dataset.HangingProtocolDescription = "One stack of CT images"
    dataset.HangingProtocolLevel = "SITE"
    dataset.HangingProtocolCreator = PRIVATE_CREATOR
    dataset.HangingProtocolCreationDateTime = date_time(identity)
    dataset.HangingProtocolDefinitionSequence = [
        item(Modality="CT", ProcedureCodeSequence=[], ReasonForRequestedProcedureCodeSequence=[])
    ]
    dataset.HangingProtocolUserIdentificationCodeSequence = []
    dataset.NumberOfPriorsReferenced = 0
    selector = item(
        ImageSetSelectorUsageFlag="NO_MATCH",
        SelectorAttribute=tag_for_keyword("BodyPartExamined"),
        SelectorAttributeVR="CS",
        SelectorCSValue="CHEST",
        SelectorValueNumber=1,
    )
    now = item(
        ImageSetNumber=1,
        ImageSetSelectorCategory="RELATIVE_TIME",
        RelativeTime=[0, 0],
        RelativeTimeUnits="SECONDS",
        ImageSetLabel="Current CT",
    )
    dataset.ImageSetsSequence = [item(ImageSetSelectorSequence=[selector], TimeBasedImageSetsSequence=[now])]
    # PS3.3 Table C.23.2-1
    dataset.NumberOfScreens = 1
    dataset.NominalScreenDefinitionSequence = [
        item(
            NumberOfVerticalPixels=1600,
            NumberOfHorizontalPixels=1200,
            DisplayEnvironmentSpatialPosition=list(_WHOLE_SCREEN),
            ScreenMinimumGrayscaleBitDepth=8,
        )
    ]
    # PS3.3 Table C.23.3-1
    box = item(
        ImageBoxNumber=1,
        ImageBoxLayoutType="STACK",
        DisplayEnvironmentSpatialPosition=list(_WHOLE_SCREEN),
    )
    along_axis = item(SortByCategory="ALONG_AXIS", SortingDirection="INCREASING")
    dataset.DisplaySetsSequence = [
        item(
            DisplaySetNumber=1,
            DisplaySetPresentationGroup=1,
            ImageSetNumber=1,
            ImageBoxesSequence=[box],
            FilterOperationsSequence=[],
            SortingOperationsSequence=[along_axis],
        )
    ]
    dataset.PartialDataDisplayHandling = "MAINTAIN_LAYOUT"
    return dataset


def colour_palette(identity: Identity, _size: image.Size) -> Dataset:
    """Return a palette of 256 colours."""
    dataset = non_patient(identity, sop_class_uid=sop_class("ColorPaletteStorage"))
    # PS3.3 Table C.22-1
    content_identification(dataset, "Palette of a conformance test")
    palette(dataset, bits=8)
    dataset.ICCProfile = icc.input_profile()
    return dataset


def inventory(identity: Identity, _size: image.Size) -> Dataset:
    """Return the inventory of a repository that holds no study."""
    dataset = non_patient(identity, sop_class_uid=sop_class("InventoryStorage"))
    equipment(dataset)
    # PS3.3 Table C.38.1-1
    content_date(dataset, identity)
    dataset.InventoryPurpose = "Inventory of a conformance test"
    dataset.InventoryLevel = "STUDY"
    dataset.InventoryCompletionStatus = "COMPLETE"
    dataset.ScopeOfInventorySequence = []
    dataset.IncorporatedInventoryInstanceSequence = []
    dataset.InventoriedStudiesSequence = []
    dataset.NumberOfStudyRecordsInInstance = 0
    dataset.TotalNumberOfStudyRecords = 0
    return dataset
