"""Runs the AWS CLI's own main() for each line of stdin, a JSON array of arguments, without starting Python for each.

Answers each with a line of JSON: its status, and what it printed.
"""

import io
import json
import os
import sys

from awscli.clidriver import create_clidriver

answers = os.fdopen(os.dup(1), "w")
driver = create_clidriver()
print(json.dumps({"status": 0, "stdout": "", "stderr": ""}), file=answers, flush=True)
for line in sys.stdin:
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    try:
        status = driver.main(json.loads(line))
    except SystemExit as exit:
        status = exit.code
    answer = {"status": status, "stdout": sys.stdout.getvalue(), "stderr": sys.stderr.getvalue()}
    print(json.dumps(answer), file=answers, flush=True)
