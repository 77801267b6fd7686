"""What is wrong with an instance, told before anything is solved: one module a kind of problem.

Each module has a function ``check(view) -> Iterator[Finding]``. None of them raises, whatever the tables hold: they
read through :class:`~optimizer.instance.checks.view.View`, which takes a broken cell for a blank one.
"""
