"""Every snippet of docs/python.md runs, and gives what stands behind its arrows."""

import ast
import contextlib
import io
import re

from support import ROOT, Case

PAGE = ROOT / "docs" / "python.md"


class Docs(Case):
    def test_snippets(self):
        page = PAGE.read_text(encoding="utf-8")
        snippets = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
        self.assertGreater(len(snippets), 5)
        names, n_arrows = {}, 0
        for snippet in snippets:
            lines = snippet.splitlines()
            for statement in ast.parse(snippet).body:
                code = ast.get_source_segment(snippet, statement)
                arrow = re.search(r"# -> (.*)$", lines[statement.end_lineno - 1])
                with self.subTest(code), contextlib.redirect_stdout(io.StringIO()):
                    if arrow:
                        self.assertEqual(repr(eval(code, names)), arrow[1])
                        n_arrows += 1
                    else:
                        exec(code, names)
        self.assertGreater(n_arrows, 15)

    def test_names(self):
        """The page and the short readme speak of every call."""
        import logitscope

        page = PAGE.read_text(encoding="utf-8")
        for name in logitscope.__all__:
            if name not in ("Figures", "Result"):
                self.assertIn(name, page)
        readme = (ROOT / "python" / "README.md").read_text(encoding="utf-8")
        # An index shows it away from the repository.
        for link in re.findall(r"\]\(([^)]*)\)", readme):
            self.assertTrue(link.startswith("https://"), link)
