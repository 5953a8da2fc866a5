"""`python -m cleaner` is the command `cleaner`."""

from cleaner.cli import main

if __name__ == "__main__":
    main()
