"""The closed encoding in which values cross between the student process and the checker process.

A value travels if it is one of the kinds listed in `kinds`, and is rebuilt as exactly that kind: whatever
bytes arrive, `Decoder` makes plain Python and NumPy values or raises `WireError`. Nothing is ever imported, called
or unpickled on the word of the other side. What does not travel is handed to the owner of the codec, which
may refer to it by number (a handle) or refuse.

Knows msgpack and NumPy. Knows nothing of processes, sockets, notebooks or grades.
"""

from autograder.execution.decoder import Decoder
from autograder.execution.encoder import Encoder
from autograder.execution.kinds import FUNCTION, MAX_BYTES, NAME, OBJECT, NotPlain, WireError

__all__ = ["FUNCTION", "MAX_BYTES", "NAME", "OBJECT", "Decoder", "Encoder", "NotPlain", "WireError"]
