"""Times jmespath.py: prints {"search EXPRESSION": µs, "parse EXPRESSION": µs}, medians.

usage: jmespath_baseline.py DOCUMENT EXPRESSIONS (files as jmespath_bench.cc reads them)
"""
import json
import statistics
import sys
import timeit

import jmespath.parser


def median_us(call):
    timer = timeit.Timer(call)
    count, _ = timer.autorange()
    return statistics.median(timer.repeat(7, max(1, count // 4))) / max(1, count // 4) * 1e6


def main():
    with open(sys.argv[1]) as file:
        document = json.load(file)
    with open(sys.argv[2]) as file:
        expressions = [line for line in file.read().split("\n") if line]
    figures = {}
    for expression in expressions:
        compiled = jmespath.compile(expression)

        def parse(text=expression):
            jmespath.parser.Parser.purge()  # it keeps the last 512
            jmespath.compile(text)
        figures["search " + expression] = median_us(lambda: compiled.search(document))
        figures["parse " + expression] = median_us(parse)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
