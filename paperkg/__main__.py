"""``python -m paperkg``."""

from paperkg.cli import main

main(prog_name="paperkg")
