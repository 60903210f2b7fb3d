"""Grayscale Softcopy Presentation State IOD (PS3.3 A.33.1)."""

from pydicom.dataset import Dataset
from pydicom.uid import CTImageStorage, GrayscaleSoftcopyPresentationStateStorage

from conformance.instances import seeded
from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import composite, item, reference, uid_inside

_CT_SERIES = 1
_CT_IMAGE = 2


def grayscale_presentation_state(identity: Identity, _size: image.Size) -> Dataset:
    """Return a presentation state of a CT image: window, displayed area, one layer with a line of text."""
    dataset = composite(identity, sop_class_uid=GrayscaleSoftcopyPresentationStateStorage, modality="PR")
    # PS3.3 Tables C.11.10-1 and C.11.11-1b
    dataset.ContentLabel = "CONFORMANCE"
    dataset.ContentDescription = "Presentation state of a conformance test"
    dataset.ContentCreatorName = "CONFORMANCE^CREATOR"
    dataset.PresentationCreationDate = seeded.date(identity.study_instance_uid)
    dataset.PresentationCreationTime = seeded.time(identity.study_instance_uid, plus_s=300)
    dataset.ReferencedSeriesSequence = [
        item(SeriesInstanceUID=uid_inside(identity, _CT_SERIES), ReferencedImageSequence=[_ct_image(identity)])
    ]
    # PS3.3 Table C.10-4
    dataset.DisplayedAreaSelectionSequence = [
        item(
            ReferencedImageSequence=[_ct_image(identity)],
            DisplayedAreaTopLeftHandCorner=[1, 1],
            DisplayedAreaBottomRightHandCorner=[32, 32],
            PresentationSizeMode="SCALE TO FIT",
            PresentationPixelAspectRatio=[1, 1],
        )
    ]
    # PS3.3 Tables C.10-5 and C.10-7
    text = item(
        UnformattedTextValue="Conformance",
        AnchorPoint=[0.5, 0.5],
        AnchorPointVisibility="N",
        AnchorPointAnnotationUnits="DISPLAY",
    )
    dataset.GraphicAnnotationSequence = [
        item(ReferencedImageSequence=[_ct_image(identity)], GraphicLayer="LAYER 1", TextObjectSequence=[text])
    ]
    dataset.GraphicLayerSequence = [item(GraphicLayer="LAYER 1", GraphicLayerOrder=1)]
    image.rescale(dataset, intercept=-1024, slope=1, unit="HU")
    dataset.SoftcopyVOILUTSequence = [
        item(ReferencedImageSequence=[_ct_image(identity)], WindowCenter=40, WindowWidth=400)
    ]
    dataset.PresentationLUTShape = "IDENTITY"
    return dataset


def _ct_image(identity: Identity) -> Dataset:
    return reference(CTImageStorage, uid_inside(identity, _CT_IMAGE))
