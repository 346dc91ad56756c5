# SPDX-License-Identifier: MIT
"""findings.py -- what cmapctl doctor finds on a host, and doing what it says."""

import json

from tap import check, equal


class Patient:
    """A host with doctor(*words), which runs cmapctl doctor --json there, read(path) and write(path, text)."""

    def findings(self, *words):
        ran = self.doctor(*words)
        found = json.loads(ran.out)["Findings"]
        equal((ran.status, ran.err), (1 if found else 0, ""), ran.out)
        return found

    def codes(self, *words):
        return [f["Code"] for f in self.findings(*words)]

    def only(self, code, *words):
        """The one finding there is."""
        found = self.findings(*words)
        equal([f["Code"] for f in found], [code], str(found))
        check(found[0]["What"] and found[0]["Why"] and found[0]["Severity"] in ("error", "warning"), found)
        return found[0]

    def obey(self, finding):
        """Does what it says."""
        lines = self.read(finding["File"]).splitlines()
        new = finding["Change"].splitlines()
        if "Line" in finding:
            at = finding["Line"] - 1
            equal(lines[at].split(), finding["Old"].split(), "the line as it is")
            lines[at:at + 1] = new
        else:
            lines += new
        self.write(finding["File"], "".join(line + "\n" for line in lines))

    def cured(self, code, *words):
        """The one finding, gone once it is obeyed."""
        finding = self.only(code, *words)
        self.obey(finding)
        equal(self.codes(*words), [], str(finding))
        return finding
