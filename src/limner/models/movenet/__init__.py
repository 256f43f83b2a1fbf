"""MoveNet: Google's networks that place COCO's 17 keypoints."""
