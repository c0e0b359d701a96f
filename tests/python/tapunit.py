# SPDX-License-Identifier: LGPL-2.1-or-later
"""unittest that reports in the Test Anything Protocol: a script ends with tapunit.main()."""

import sys
import traceback
import unittest


class TapResult(unittest.TestResult):
    count = 0

    def _point(self, verdict, test, note=""):
        self.count += 1
        # a class that could not be set up stands for its tests, under a name like "setUpClass (__main__.Plug)"
        name = test.id().partition(".")[2] or test.id()
        print(f"{verdict} {self.count} - {name}{note}", flush=True)

    def _failed(self, test, error):
        for line in "".join(traceback.format_exception(*error)).splitlines():
            print(f"# {line}")
        self._point("not ok", test)

    def addSuccess(self, test):
        super().addSuccess(test)
        self._point("ok", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self._point("ok", test, f" # SKIP {reason}")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._failed(test, err)

    def addError(self, test, err):
        super().addError(test, err)
        self._failed(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err is not None:
            self._failed(subtest, err)


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = TapResult()
    suite.run(result)
    print(f"1..{result.count}")
    sys.exit(0 if result.wasSuccessful() else 1)
