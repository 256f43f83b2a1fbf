"""OpenPose networks with 57 channels: the released COCO model and its MobileNet kin."""

from limner.models.openpose.decode import Decoding
from limner.models.openpose.maps import Preprocess
from limner.models.openpose.model import PERSON_THRESHOLD, OpenPose

__all__ = ["PERSON_THRESHOLD", "Decoding", "OpenPose", "Preprocess"]
