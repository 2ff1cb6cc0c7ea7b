# unittest with every kind of outcome, mock, and doctest.
import doctest
import io
import unittest
from unittest import mock
class Tests(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.log = []
    def setUp(self):
        self.addCleanup(self.log.append, self.id().rsplit(".", 1)[1])
    def test_passes(self):
        self.assertEqual({"a": [1]}, {"a": [1]})
        self.assertAlmostEqual(0.1 + 0.2, 0.3)
        with self.assertRaisesRegex(ValueError, "invalid literal"):
            int("x")
    def test_fails(self):
        self.assertEqual([1, 2], [1, 3])
    def test_errors(self):
        raise RuntimeError("boom")
    @unittest.skip("not now")
    def test_skipped(self):
        pass
    @unittest.expectedFailure
    def test_expected(self):
        self.fail()
    def test_subtests(self):
        for n in range(3):
            with self.subTest(n=n):
                self.assertLess(n, 2)
class AsyncTests(unittest.IsolatedAsyncioTestCase):
    async def test_await(self):
        import asyncio
        self.assertEqual(await asyncio.sleep(0, 5), 5)
stream = io.StringIO()
suite = unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(case) for case in (Tests, AsyncTests))
result = unittest.TextTestRunner(stream, verbosity=2).run(suite)
print(result.testsRun, len(result.failures), len(result.errors), len(result.skipped), len(result.expectedFailures))
print("\n".join(line for line in stream.getvalue().splitlines() if " ... " in line or line.startswith(("FAILED", "FAIL:", "ERROR:", "AssertionError", "RuntimeError"))))
print(Tests.log)
service = mock.Mock(return_value=3, side_effect=None)
print(service(1, key=2), service.call_args, service.method.return_value is service.method())
with mock.patch("os.getcwd", return_value="/mocked"):
    import os
    print(os.getcwd())
magic = mock.MagicMock()
magic.__len__.return_value = 7
print(len(magic), mock.sentinel.thing)
def average(values):
    """The mean.

    >>> average([20, 30, 70])
    40.0
    >>> average([])
    Traceback (most recent call last):
        ...
    ZeroDivisionError: division by zero
    >>> average([1, 2])
    1.5
    """
    return sum(values) / len(values)
print(doctest.testmod())
