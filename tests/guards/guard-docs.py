# SPDX-License-Identifier: LGPL-2.1-or-later
"""Each public name has a documentation block that says what it takes, what it returns and since when."""

import tap
from headers import Api, docs


def function_problems(name, declared, block):
    version, returns, parameters = declared
    if block is None:
        yield f"{name}() has no /** block"
        return
    if block.since is None:
        yield f"{name}() has no Since:"
    elif block.since != version:
        yield f"{name}() is marked HOTPLUG_AVAILABLE_IN_{version.replace('.', '_')} and says Since: {block.since}"
    if returns and not block.returns:
        yield f"{name}() has no Returns:"
    for parameter in parameters:
        if not block.parameters.get(parameter, "").strip():
            yield f"{name}() does not describe @{parameter}"
    for parameter in block.parameters:
        if parameter not in parameters:
            yield f"{name}() describes @{parameter}, which it does not take"


def since_problems(name, block):
    if block is None:
        yield f"{name} has no /** block"
    elif block.since is None:
        yield f"{name} has no Since:"


def value_problems(enum, values, block):
    for value in values:
        text = block.parameters.get(value) if block else None
        if text is None:
            yield f"{value} is not described in the block of {enum}"
        elif "Since:" not in text:
            yield f"{value} has no Since: in the block of {enum}"


def main():
    report = tap.Tap()
    api, blocks = Api(), docs()
    functions = {name: what for name, what in api.functions.items() if not name.endswith("_get_type")}

    report.check(f"the headers declare something ({len(functions)} functions)", [] if functions else ["no function found"])
    report.check("every declared function carries HOTPLUG_AVAILABLE_IN_…", api.unmarked)
    report.check(
        "every function is documented",
        [text for name, what in functions.items() for text in function_problems(name, what, blocks.get(name))],
    )
    report.check("every type is documented", [text for name in api.types for text in since_problems(name, blocks.get(name))])
    report.check("every macro is documented", [text for name in api.macros for text in since_problems(name, blocks.get(name))])
    report.check(
        "every enum value is documented",
        [text for name, values in api.enums.items() for text in value_problems(name, values, blocks.get(name))],
    )
    report.done()


main()
