"""Scale: from pixels to metres, by heights, a distance or a calibrated camera."""
