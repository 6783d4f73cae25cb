"""Make chelsea.png and coffee.png from the photographs in scikit-image's wheel.

Usage: python -m utils.data.make_photographs [scikit_image-*.whl]

Without an argument the photographs are taken from an installed scikit-image. Needs Pillow. Both become 300 pixels high.
"""

import io
import sys
import zipfile
from pathlib import Path

from PIL import Image

HEIGHT = 300


def read(name, wheel):
    """The bytes of a photograph."""
    if wheel is not None:
        return zipfile.ZipFile(wheel).read(f"skimage/data/{name}.png")
    import skimage

    return (Path(skimage.__file__).parent / "data" / f"{name}.png").read_bytes()


def main(wheel=None):
    for name in ("chelsea", "coffee"):
        image = Image.open(io.BytesIO(read(name, wheel))).convert("RGB")
        size = (round(image.width * HEIGHT / image.height), HEIGHT)
        if image.size != size:
            image = image.resize(size, Image.Resampling.LANCZOS)
        target = Path(__file__).with_name(f"{name}.png")
        image.save(target, optimize=True)
        print(target, image.size, target.stat().st_size, "bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
