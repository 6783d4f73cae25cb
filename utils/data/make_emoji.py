"""Make emoji.npz from Debian's packages `fonts-noto-color-emoji` and `unicode-data`.

Usage: python -m utils.data.make_emoji NotoColorEmoji.ttf emoji-test.txt

Both files are in the packages (``dpkg-deb -x``), under usr/share. Needs Pillow. 89 emoji of each of six classes, drawn
96 x 96 on white with 256 colours; the first 45 of a class, in a shuffled order, are for training.
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

SIZE, EACH, TRAIN = 96, 89, 45
OBJECTS = "tool household office musical-instrument computer light&video writing clothing sound music phone medical science"
CLASSES = {
    "animal": ("animal-",),
    "food": ("food-", "drink"),
    "face": ("face-",),
    "person": ("person",),
    "travel": ("transport-ground", "transport-water", "transport-air", "place-building", "place-other", "place-religious"),
    "object": tuple(OBJECTS.split()),
}  # fmt: skip


def members(listing):
    """The emoji of one code point, by class."""
    found, subgroup = {name: [] for name in CLASSES}, ""
    for line in Path(listing).read_text(encoding="utf8").splitlines():
        if line.startswith("# subgroup:"):
            subgroup = line.split(":")[1].replace(" ", "")
        elif "; fully-qualified" in line:
            codes = [int(code, 16) for code in line.split(";")[0].split() if code != "FE0F"]
            for name, beginnings in CLASSES.items():
                if len(codes) == 1 and subgroup.startswith(beginnings):
                    found[name].append(chr(codes[0]))
    return found


def drawn(character, font):
    image = Image.new("RGBA", (136, 136), "white")
    ImageDraw.Draw(image).text((68, 68), character, font=font, embedded_color=True, anchor="mm")
    return image.convert("RGB").resize((SIZE, SIZE), Image.Resampling.LANCZOS)


def main(ttf, listing):
    font, rng = ImageFont.truetype(ttf, 109), np.random.default_rng(0)
    chosen = {}
    for name, all_of_them in members(listing).items():
        chosen[name] = [all_of_them[i] for i in rng.permutation(len(all_of_them))[:EACH]]
    emoji = [one for some in chosen.values() for one in some]
    sheet = Image.new("RGB", (SIZE, SIZE * len(emoji)))
    for i, character in enumerate(emoji):
        sheet.paste(drawn(character, font), (0, i * SIZE))
    sheet = sheet.quantize(256)
    pixels = np.asarray(sheet).reshape(len(CLASSES), EACH, SIZE, SIZE)
    labels = np.repeat(np.arange(len(CLASSES)), EACH)
    parts = {
        "palette": np.array(sheet.getpalette(), dtype=np.uint8).reshape(-1, 3),
        "names": np.array(list(CLASSES)),
    }
    for part, of_each in (("train", slice(0, TRAIN)), ("test", slice(TRAIN, EACH))):
        order = rng.permutation(len(CLASSES) * len(range(EACH)[of_each]))
        parts[f"X_{part}"] = pixels[:, of_each].reshape(-1, SIZE, SIZE)[order]
        parts[f"y_{part}"] = labels.reshape(-1, EACH)[:, of_each].ravel()[order].astype(np.uint8)
    target = Path(__file__).with_name("emoji.npz")
    np.savez_compressed(target, **parts)
    print(target, {name: array.shape for name, array in parts.items()}, target.stat().st_size, "bytes")


if __name__ == "__main__":
    main(*sys.argv[1:])
