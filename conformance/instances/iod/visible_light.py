"""Visible light: endoscopic, microscopic and photographic images and videos (PS3.3 A.32), dermoscopic ones (A.32.11).

Video is native here: a few frames of RGB, which these IODs allow beside the compressed transfer syntaxes.
"""

from typing import Final

from pydicom.dataset import Dataset
from pydicom.uid import (
    DermoscopicPhotographyImageStorage,
    VideoEndoscopicImageStorage,
    VideoMicroscopicImageStorage,
    VideoPhotographicImageStorage,
    VLEndoscopicImageStorage,
    VLMicroscopicImageStorage,
    VLPhotographicImageStorage,
)

from conformance.instances.identity import Identity
from conformance.instances.iod import image
from conformance.instances.iod.common import code, composite
from conformance.instances.iod.functional_groups import skin
from conformance.instances.iod.specimen import specimen

_VIDEO_FRAME_MS: Final = 40


def vl_photograph(identity: Identity, size: image.Size) -> Dataset:
    """Return a colour photograph of a hand."""
    return _hand(identity, size, VLPhotographicImageStorage)


def video_photograph(identity: Identity, size: image.Size) -> Dataset:
    """Return a colour video of a hand, 25 frames per second."""
    dataset = _hand(identity, size, VideoPhotographicImageStorage)
    _video(dataset, size)
    return dataset


def vl_endoscopic(identity: Identity, size: image.Size) -> Dataset:
    """Return a colour endoscopic image of the stomach."""
    return _stomach(identity, size, VLEndoscopicImageStorage)


def video_endoscopic(identity: Identity, size: image.Size) -> Dataset:
    """Return a colour endoscopic video of the stomach, 25 frames per second."""
    dataset = _stomach(identity, size, VideoEndoscopicImageStorage)
    _video(dataset, size)
    return dataset


def vl_microscopic(identity: Identity, size: image.Size) -> Dataset:
    """Return a colour image of a specimen of skin under a microscope."""
    return _skin_specimen(identity, size, VLMicroscopicImageStorage)


def video_microscopic(identity: Identity, size: image.Size) -> Dataset:
    """Return a colour video of a specimen of skin under a microscope, 25 frames per second."""
    dataset = _skin_specimen(identity, size, VideoMicroscopicImageStorage)
    _video(dataset, size)
    return dataset


def dermoscopic(identity: Identity, size: image.Size) -> Dataset:
    """Return a colour dermoscopic photograph, the optics unknown."""
    dataset = _visible_light(identity, size, DermoscopicPhotographyImageStorage, modality="DMS")
    image.frame_of_reference(dataset, identity)
    dataset.AnatomicRegionSequence = [skin()]
    dataset.ImageLaterality = "U"
    # PS3.3 Table C.8.12.13-1, type 2: empty where unknown
    dataset.LightSourcePolarization = ""
    dataset.EmitterColorTemperature = None
    dataset.ContactMethod = ""
    dataset.OpticalMagnificationFactor = None
    dataset.RecognizableVisualFeatures = "NO"
    return dataset


def _hand(identity: Identity, size: image.Size, sop_class_uid: str) -> Dataset:
    dataset = _visible_light(identity, size, sop_class_uid, modality="XC")
    image.patient_orientation(dataset, "L", "F")
    dataset.AnatomicRegionSequence = [code("85562004", "SCT", "Hand")]
    dataset.ImageLaterality = "R"
    return dataset


def _stomach(identity: Identity, size: image.Size, sop_class_uid: str) -> Dataset:
    dataset = _visible_light(identity, size, sop_class_uid, modality="ES")
    dataset.AnatomicRegionSequence = [code("69695003", "SCT", "Stomach")]
    return dataset


def _skin_specimen(identity: Identity, size: image.Size, sop_class_uid: str) -> Dataset:
    dataset = _visible_light(identity, size, sop_class_uid, modality="GM")
    specimen(dataset, identity)
    dataset.AnatomicRegionSequence = [skin()]
    return dataset


def _visible_light(identity: Identity, size: image.Size, sop_class_uid: str, *, modality: str) -> Dataset:
    dataset = composite(identity, sop_class_uid=sop_class_uid, modality=modality)
    # PS3.3 Table C.8-77, VL image
    image.general_image(dataset, identity, "ORIGINAL", "PRIMARY")
    image.patient_orientation(dataset)
    image.colour_pixels(dataset, identity, size)
    dataset.LossyImageCompression = "00"
    dataset.BurnedInAnnotation = "NO"
    dataset.AcquisitionContextSequence = []
    return dataset


def _video(dataset: Dataset, size: image.Size) -> None:
    image.multi_frame(dataset, size, "FrameTime")
    image.cine(dataset, frame_time_ms=_VIDEO_FRAME_MS)
