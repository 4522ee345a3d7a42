"""
The commands, one module each: ``sample_agents.py`` is ``python -m colosseum sample-agents``.

A module has ``HELP``, one line; ``add_arguments(parser)``; and ``main(args)``, which returns an exit status or None.
What takes time to import is imported within ``main``. A `colosseum.errors.ColosseumError` that it raises becomes one
line on standard error and the exit status 2.
"""
