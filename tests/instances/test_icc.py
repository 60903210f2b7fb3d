"""The ICC profile that colour images carry, in the judgement of Little CMS."""

import io

from PIL import Image, ImageCms

from conformance.instances.iod.icc import input_profile


def test_the_profile_is_one_of_an_input_device_and_close_to_srgb() -> None:
    ours = ImageCms.ImageCmsProfile(io.BytesIO(input_profile()))
    assert ours.profile.device_class == "scnr"
    assert (ours.profile.xcolor_space.strip(), ours.profile.connection_space.strip()) == ("RGB", "XYZ")
    transform = ImageCms.buildTransform(ours, ImageCms.createProfile("sRGB"), "RGB", "RGB")
    picture = Image.new("RGB", (1, 1), (200, 100, 50))
    converted = ImageCms.applyTransform(picture, transform)
    assert converted is not None
    before, after = (200, 100, 50), converted.getpixel((0, 0))
    assert isinstance(after, tuple)
    assert all(abs(one - other) <= 8 for one, other in zip(before, after, strict=True))
