"""Expressions and documents made by chance, and what jmespath.py says of them.

Where jmespath.py leaves the specification, the specification's rule is put in its place here.
"""
import json
import random

import jmespath
from jmespath import exceptions, functions, visitor

NAMES = ["a", "b", "c", "d-e", "x"]
TEXTS = ["", "a", "b", "ab", "x", "é", "7", "-2.5", "1e2", "d-e", "long text"]
NUMBERS = [-3, -2, 2, 3, 4, 7, 12, -2.5, 0.25, 2.5, 9007199254740993]
COMPARATORS = ["==", "!=", "<", "<=", ">", ">="]


class Specified(functions.Functions):
    """The functions as specified."""

    @functions.signature({"types": ["array", "string"]}, {"types": []})
    def _func_contains(self, subject, search):
        if isinstance(subject, str):
            return isinstance(search, str) and search in subject
        return any(visitor._equals(item, search) for item in subject)

    @functions.signature({"types": ["object"], "variadic": True})
    def _func_merge(self, *arguments):
        for argument in arguments:
            if not isinstance(argument, dict):
                raise exceptions.JMESPathTypeError("merge", argument, "", ["object"])
        merged = {}
        for argument in arguments:
            merged.update(argument)
        return dict(sorted(merged.items()))  # we give members in the order of their keys

    @functions.signature({"types": []})
    def _func_to_string(self, argument):
        if isinstance(argument, str):
            return argument
        return json.dumps(shortened(argument), separators=(",", ":"), ensure_ascii=False,
                          sort_keys=True)


# Order is of numbers only.
visitor._is_comparable = visitor._is_actual_number


def shortened(value):
    """15.0 is written 15."""
    if isinstance(value, list):
        return [shortened(item) for item in value]
    if isinstance(value, dict):
        return {key: shortened(item) for key, item in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def reference(expression, document):
    """("result", value) or ("error", name); None where jmespath.py fails in a way of its own."""
    options = jmespath.Options(custom_functions=Specified())
    try:
        return "result", jmespath.compile(expression).search(document, options)
    except exceptions.ArityError:
        return "error", "invalid-arity"
    except exceptions.UnknownFunctionError:
        return "error", "unknown-function"
    except (exceptions.ParseError, exceptions.EmptyExpressionError):
        return "error", "syntax"
    except exceptions.JMESPathTypeError:
        return "error", "invalid-type"
    except TypeError:  # numbers and strings among the keys of min_by and max_by
        return "error", "invalid-type"
    except ValueError as problem:
        if "step" in str(problem):
            return "error", "invalid-value"
        return None


class Generator:
    def __init__(self, seed):
        self.random = random.Random(seed)

    def one_of(self, *choices):
        return self.random.choice(choices)

    # --- documents ---------------------------------------------------------------------------

    def document(self, depth=4):
        kind = self.random.random() if depth < 4 else 1
        if depth == 0 or kind < 0.3:
            return self.one_of(None, True, False, *NUMBERS, *TEXTS)
        if kind < 0.4:
            return [self.one_of(*NUMBERS) for _ in range(self.random.randrange(5))]
        if kind < 0.5:
            return [self.one_of(*TEXTS) for _ in range(self.random.randrange(5))]
        if kind < 0.7:
            return [self.document(depth - 1) for _ in range(self.random.randrange(4))]
        names = sorted(self.random.sample(NAMES, self.random.randrange(2, len(NAMES) + 1)))
        return {name: self.document(depth - 1) for name in names}

    # --- expressions -------------------------------------------------------------------------

    def name(self):
        name = self.one_of(*NAMES)
        return name if name.isalpha() and self.random.random() < 0.9 else json.dumps(name)

    def literal(self):
        value = self.document(1)
        if isinstance(value, str) and self.random.random() < 0.5:
            return f"'{value}'"
        return "`" + json.dumps(value, ensure_ascii=self.random.random() < 0.5) + "`"

    def bound(self):
        return self.one_of("", "", "1", "2", "-1", "-2", "9")

    def bracket(self, after_index):
        # jmespath.py makes no projection of a slice right behind an index.
        kind = self.random.randrange(3 if after_index else 5)
        if kind == 0:
            return f"[{self.one_of(0, 1, 2, -1, -2, 9)}]"
        if kind == 1:
            return self.one_of("[*]", "[]")
        if kind == 2:
            return f"[?{self.expression(1)}]"
        step = self.one_of("", ":", ":1", ":2", ":-1", ":-2", ":0")
        return f"[{self.bound()}:{self.bound()}{step}]"

    def select(self, depth):
        if self.random.random() < 0.5:
            items = [self.expression(depth) for _ in range(self.random.randrange(1, 4))]
            return "[" + ", ".join(items) + "]"
        keys = sorted(self.random.sample(NAMES, self.random.randrange(1, 4)))
        return "{" + ", ".join(f"{json.dumps(key)}: {self.expression(depth)}"
                               for key in keys) + "}"

    def argument(self, types, depth):
        """Mostly of the right type."""
        if types == ["expref"]:
            return "&" + self.expression(depth) if self.random.random() < 0.95 else "a"
        if not types or self.random.random() < 0.05:
            return self.expression(depth)
        some = self.name()
        return self.one_of(*{
            "number": [f"`{self.one_of(*NUMBERS)}`", f"length(to_array({some}))"],
            "string": [f"'{self.one_of(*TEXTS)}'", f"to_string({some})", f"type({some})"],
            "array": [f"to_array({some})", "to_array(@)[]", f"to_array({some})[]"],
            "array-number": [f"to_array({some})[][?type(@) == 'number']", "`[4, 2.5, 3]`"],
            "array-string": [f"to_array({some})[][?type(@) == 'string']", f"[type({some})]"],
            "object": [f"not_null({some}.b, `{{}}`)", f"{{b: {some}}}", "`{\"a\": 2}`"],
        }[self.one_of(*types)])

    def call(self, depth):
        table = Specified.FUNCTION_TABLE
        name = self.one_of(*sorted(table))
        signature = list(table[name]["signature"])
        if signature[-1].get("variadic"):
            signature *= self.random.randrange(1, 4)
        if self.random.random() < 0.01:
            signature = signature[1:] if self.random.random() < 0.5 else signature * 2
        if self.random.random() < 0.01:
            name += "s"
        return f"{name}({', '.join(self.argument(p['types'], depth - 1) for p in signature)})"

    def start(self, depth):
        kind = self.random.random()
        if depth <= 0 or kind < 0.4:
            return self.one_of("@", self.name(), self.name(), self.name(), self.literal())
        if kind < 0.55:
            return self.one_of("*", self.bracket(False))
        if kind < 0.65:
            return self.select(depth - 1)
        if kind < 0.85:
            return self.call(depth)
        if kind < 0.9:
            return "!" + self.start(depth - 1)
        return f"({self.expression(depth - 1)})"

    def step(self, depth, after_index):
        kind = self.random.random()
        if kind < 0.45:
            return "." + self.name()
        if kind < 0.8:
            return self.bracket(after_index)
        if kind < 0.87:
            return ".*"
        if kind < 0.93:
            return "." + self.call(depth)
        return "." + self.select(depth - 1)

    def path(self, depth):
        text = self.start(depth)
        for _ in range(self.random.randrange(3)):
            after_index = text.rstrip(")")[-2:-1].isdigit()
            text += self.step(depth, after_index)
        return text

    def expression(self, depth=3):
        text = self.path(depth)
        for _ in range(self.random.choice([0, 0, 0, 0, 1, 2])):
            sign = self.one_of("|", "||", "&&", *COMPARATORS)
            text += f" {sign} {self.path(depth - 1)}"
        return text

    def damaged(self, text):
        """One character away from an expression."""
        place = self.random.randrange(len(text) + 1)
        added = self.one_of("", *"[]{}().,:*@|&!=<>`'\"-0a \\")
        return text[:place] + added + text[place + self.random.randrange(2):]


def same(ours, theirs):
    """Equal, numbers but for the last digits, and a boolean never a number."""
    if isinstance(ours, bool) or isinstance(theirs, bool):
        return ours is theirs
    if isinstance(ours, (int, float)) and isinstance(theirs, (int, float)):
        return ours == theirs or abs(ours - theirs) <= 1e-12 * abs(theirs)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(same, ours, theirs))
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(same(ours[k], theirs[k]) for k in ours)
    return ours == theirs
