"""The faces in the sample photos, counted by eye: centre and side as fractions of the photo.

File name -> (x, y, side): x and side are fractions of the width, y of the height; the side is that
of a square from the eyebrows to the chin. The photos are not in the repository.
"""

PHOTO_FACES: dict[str, list[tuple[float, float, float]]] = {
    "group-1": [(0.264, 0.373, 0.096), (0.478, 0.424, 0.096), (0.811, 0.258, 0.108)],
    "group-2": [(0.231, 0.206, 0.102), (0.508, 0.247, 0.102), (0.798, 0.197, 0.108)],
    "group-3": [(0.351, 0.354, 0.108), (0.612, 0.272, 0.121), (0.835, 0.327, 0.108)],
    "group-4": [
        (0.180, 0.228, 0.102),
        (0.390, 0.132, 0.108),
        (0.562, 0.200, 0.102),
        (0.703, 0.178, 0.102),
    ],
    "group-5": [
        (0.364, 0.389, 0.096),
        (0.455, 0.172, 0.092),
        (0.619, 0.228, 0.089),
        (0.778, 0.377, 0.115),
        (0.246, 0.727, 0.102),
    ],
    "group-6": [
        (0.185, 0.400, 0.105),
        (0.394, 0.319, 0.111),
        (0.660, 0.294, 0.111),
        (0.819, 0.278, 0.111),
    ],
    "portrait-1": [(0.503, 0.340, 0.472)],
    "portrait-2": [(0.637, 0.360, 0.420)],
    "portrait-3": [(0.489, 0.324, 0.390)],
    "portrait-4": [(0.489, 0.324, 0.360)],
    "portrait-5": [(0.541, 0.343, 0.375)],
    "portrait-6": [(0.450, 0.307, 0.390)],
    "portrait-7": [(0.526, 0.343, 0.360)],
    "portrait-8": [(0.511, 0.367, 0.390)],
}
