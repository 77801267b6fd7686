"""``python -m optimizer`` is the command ``optimizer``."""

from optimizer.cli.main import run

if __name__ == "__main__":
    run()
